// `npm run campaign -- F1 --seed 7 [--postgres]`, `npm run campaigns`: set-up, the campaigns compiled, then they are played.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { handOver } from './setup/hand-over.mjs';
import { onPostgres } from './setup/on-postgres.mjs';
import { root } from './setup/paths.mjs';
import { provision } from './setup/provision.mjs';

const { args, parts, variables } = onPostgres(process.argv.slice(2));
const env = await provision(['dependencies', 'build', 'devServer', ...parts]);
if (env !== undefined) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'test', 'campaign')], { stdio: 'inherit' });
  await handOver('.orgsaga/campaign/test/campaign/main.js', args, {
    ...env,
    ...variables,
    ORGSAGA_TEST_DIST: process.env.ORGSAGA_TEST_DIST ?? join(root, 'dist'),
  });
}
