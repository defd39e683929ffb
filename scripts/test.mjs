// `npm test [-- vitest's arguments]`: set-up, then the tests.
import { handOver } from './setup/hand-over.mjs';
import { provision } from './setup/provision.mjs';

const env = await provision(['dependencies', 'build', 'devServer', 'timeSkippingServer']);
if (env !== undefined)
  await handOver('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)], env);
