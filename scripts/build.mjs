// `npm run build`: dependencies and dist, where they are not current.
import { provision } from './setup/provision.mjs';

await provision(['dependencies', 'build']);
