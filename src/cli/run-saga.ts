import type { SagaInput } from '../workflows/saga-contract.js';
import type { Cli } from './cli.js';
import { confirm } from './confirm.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { treeProgress } from './progress.js';
import { ASKED_BEFORE, startRun } from './start-run.js';

/** What every command that starts a saga can be told. */
export interface SagaAsked {
  adopt?: boolean;
  yes?: boolean;
  detach?: boolean;
  wait?: boolean;
  key?: string;
  graphql: boolean;
  json?: boolean;
}

type What = Pick<SagaInput, 'kind' | 'organization' | 'item' | 'hash' | 'document' | 'plan' | 'visibility'>;

/** Asks, starts a saga and follows it until it is at rest; the exit code is that of how it ended. */
export async function runSaga(
  cli: Cli,
  { adopt = false, yes = false, detach = false, wait = false, key, graphql, json = false }: SagaAsked,
  question: string,
  what: What,
): Promise<ExitCode> {
  if (!yes && !(await confirm(cli.io, question))) {
    cli.out.notes('Nothing was done.');
    return EXIT.error;
  }
  return startRun(cli, {
    start: (client, actor) => client.startSaga({ ...what, actor, key: key ?? null, graphql, wait, adopt }),
    existing: ASKED_BEFORE,
    detach,
    json,
    draw: treeProgress,
  });
}
