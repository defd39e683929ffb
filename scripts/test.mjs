// `npm test [-- vitest's arguments]`: set-up, then the tests. With --postgres first, those on the full server on Postgres.
import { handOver } from './setup/hand-over.mjs';
import { onPostgres } from './setup/on-postgres.mjs';
import { provision } from './setup/provision.mjs';

const { args, part, variables } = onPostgres(process.argv.slice(2));
const env = await provision(['dependencies', 'build', 'devServer', 'timeSkippingServer', ...part]);
if (env !== undefined)
  await handOver('node_modules/vitest/vitest.mjs', ['run', ...args], { ...env, ...variables });
