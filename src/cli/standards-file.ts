import type { LoadedStandards } from '../standards/document.js';
import { formatPath } from '../standards/problem.js';
import type { Deps } from './deps.js';
import { UsageError } from './errors.js';

/**
 * Reads a standards file and judges it by every validation layer.
 * @throws StandardsError or UsageError (exit code 2) with everything that is wrong, one line each
 */
export async function loadChecked(deps: Deps, file: string): Promise<LoadedStandards> {
  const loaded = await deps.loadStandards(file);
  const findings = await deps.validateStandards(loaded.document);
  if (findings.length > 0)
    throw new UsageError(
      findings.map(({ path, message }) => `${file}: ${formatPath(path)}: ${message}`).join('\n'),
    );
  return loaded;
}
