// `npm run bench [-- its arguments]`: set-up, then the numbers.
import { handOver } from './setup/hand-over.mjs';
import { onPostgres } from './setup/on-postgres.mjs';
import { provision } from './setup/provision.mjs';

const args = process.argv.slice(2);
const env = await provision(['dependencies', 'build', 'devServer', ...onPostgres(args).parts]);
if (env !== undefined) await handOver('dist/dev/bench/main.js', args, env);
