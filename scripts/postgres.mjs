// `npm run postgres [-- the flags of orgsaga dev]`: set-up, then the stack with the full Temporal server and the store on Postgres, as in production.
import { handOver } from './setup/hand-over.mjs';
import { provision } from './setup/provision.mjs';

const env = await provision(['dependencies', 'build', 'fullServer']);
if (env !== undefined)
  await handOver('dist/cli/main.js', ['dev', '--postgres', ...process.argv.slice(2)], env);
