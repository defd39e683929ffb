// `npm run bench [-- its arguments]`: set-up, then the numbers.
import { handOver } from './setup/hand-over.mjs';
import { provision } from './setup/provision.mjs';

const env = await provision(['dependencies', 'build', 'devServer']);
if (env !== undefined) await handOver('dist/dev/bench/main.js', process.argv.slice(2), env);
