import type { SagaInput } from '../workflows/saga-contract.js';
import type { Cli } from './cli.js';
import type { ExitCode } from './exit-codes.js';
import { treeProgress } from './progress.js';
import { ASKED_BEFORE, startRun } from './start-run.js';

/** Starts a saga and follows it until it is at rest; the exit code is that of how it ended. */
export function runSaga(
  cli: Cli,
  input: Omit<SagaInput, 'actor'>,
  { detach, json }: { detach: boolean; json: boolean },
): Promise<ExitCode> {
  return startRun(cli, {
    start: (client, actor) => client.startSaga({ ...input, actor }),
    existing: ASKED_BEFORE,
    detach,
    json,
    draw: treeProgress,
  });
}
