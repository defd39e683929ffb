// `npm start [-- --exit]`: set-up, then the main job on the embedded stack.
import { handOver } from './setup/hand-over.mjs';
import { provision } from './setup/provision.mjs';

const env = await provision(['dependencies', 'build', 'devServer']);
if (env !== undefined) await handOver('dist/dev/demo.js', process.argv.slice(2), env);
