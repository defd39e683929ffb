// `npm test [-- vitest's arguments]`: set-up, then the tests. With --postgres they run on the full server on Postgres.
import { handOver } from './setup/hand-over.mjs';
import { onPostgres } from './setup/on-postgres.mjs';
import { provision } from './setup/provision.mjs';

const { args, parts, variables } = onPostgres(process.argv.slice(2));
const env = await provision(['dependencies', 'build', 'devServer', 'timeSkippingServer', ...parts]);
if (env !== undefined)
  await handOver('node_modules/vitest/vitest.mjs', ['run', ...args], { ...env, ...variables });
