import type { SagaInput } from '../workflows/saga-contract.js';
import type { Cli } from './cli.js';
import { connected } from './connected.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { follow, noteDetached } from './follow.js';
import { comeBack } from './hints.js';
import { interruptible } from './interrupt.js';
import { treeProgress } from './progress.js';

/** Starts a saga and follows it until it is at rest; the exit code is that of how it ended. */
export function runSaga(
  cli: Cli,
  input: Omit<SagaInput, 'actor'>,
  { detach, json }: { detach: boolean; json: boolean },
): Promise<ExitCode> {
  const { io, out } = cli;
  return connected(cli, async (client, { actor }) => {
    const interrupt = interruptible(io);
    try {
      const { run, existing } = await client.startSaga({ ...input, actor });
      out.notes(existing ? `This was asked before under that key: run ${run}` : `Run ${run}`);
      if (detach) {
        if (json) out.json({ run, existing });
        else out.lines(run);
        out.notes(...comeBack(run));
        return EXIT.done;
      }
      if (interrupt.signal.aborted) {
        noteDetached(cli, run);
        return EXIT.interrupted;
      }
      return await follow(cli, client, run, { json, draw: treeProgress, interrupt });
    } finally {
      interrupt.dispose();
    }
  });
}
