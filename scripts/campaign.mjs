// `npm run campaign -- F1 --seed 7`, `npm run campaigns`: set-up, the campaigns compiled, then they are played.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { handOver } from './setup/hand-over.mjs';
import { root } from './setup/paths.mjs';
import { provision } from './setup/provision.mjs';

const env = await provision(['dependencies', 'build', 'devServer']);
if (env !== undefined) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'test', 'campaign')], { stdio: 'inherit' });
  await handOver('.orgsaga/campaign/test/campaign/main.js', process.argv.slice(2), {
    ...env,
    ORGSAGA_TEST_DIST: process.env.ORGSAGA_TEST_DIST ?? join(root, 'dist'),
  });
}
