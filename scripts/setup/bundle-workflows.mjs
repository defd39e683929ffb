// `node bundle-workflows.mjs DIST`: packs the compiled workflows of a build into one file, as each worker would otherwise do when
// it starts, which takes it three seconds.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const [dist] = process.argv.slice(2);
if (dist === undefined) throw new Error('usage: node bundle-workflows.mjs DIST');

const { code } = await bundleWorkflowCode({
  workflowsPath: resolve(dist, 'workflows', 'index.js'),
  workflowInterceptorModules: [resolve(dist, 'workflows', 'query-guard.js')],
  logger: new DefaultLogger('WARN'),
});
writeFileSync(join(dist, 'workflow-bundle.js'), code);
