import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { INTERCEPTORS, WORKFLOWS_PATH } from '../time-skipping/support.js';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const logger = new DefaultLogger('ERROR', () => undefined);

/** The project's own workflows. */
export const ownBundle = (): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: WORKFLOWS_PATH,
    workflowInterceptorModules: INTERCEPTORS,
    logger,
  });

/** Workflows of a test's own. */
export async function bundled(
  source: string,
  workflowInterceptorModules: string[] = [],
): Promise<WorkflowBundleWithSourceMap> {
  const directory = mkdtempSync(join(tmpdir(), 'orgsaga-workflows-'));
  try {
    const workflowsPath = join(directory, 'workflows.js');
    writeFileSync(workflowsPath, source);
    symlinkSync(modules, join(directory, 'node_modules'), 'junction');
    return await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules, logger });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
