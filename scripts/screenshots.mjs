// `npm run screenshots`: set-up, then the tests of the Web UI, which take the README's pictures on the way.
import { join } from 'node:path';
import { handOver } from './setup/hand-over.mjs';
import { root } from './setup/paths.mjs';
import { provision } from './setup/provision.mjs';

const env = await provision(['dependencies', 'build', 'devServer']);
if (env !== undefined)
  await handOver('node_modules/vitest/vitest.mjs', ['run', 'test/ui/'], {
    ...env,
    ORGSAGA_SCREENSHOTS: join(root, 'docs', 'images'),
  });
