import type { Cli } from './cli.js';
import { connected } from './connected.js';
import type { Client } from './deps.js';
import { refusalOf } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { type Following, follow, noteDetached } from './follow.js';
import { comeBack } from './hints.js';
import { interruptible } from './interrupt.js';
import { refusedJson } from './run-result.js';

export interface Starting {
  start(client: Client, actor: string): Promise<{ run: string; existing: boolean }>;
  /** What to say where the run is there already. */
  existing: string;
  detach: boolean;
  json: boolean;
  draw: Following['draw'];
}

/** Starts a run and follows it until it is at rest; the exit code is that of how it ended. Ctrl-C and `--detach` leave it running. */
export function startRun(cli: Cli, starting: Starting): Promise<ExitCode> {
  const { io, out } = cli;
  const { detach, json, draw } = starting;
  return connected(cli, async (client, { actor }) => {
    const interrupt = interruptible(io);
    try {
      const { run, existing } = await starting.start(client, actor).catch((error: unknown) => {
        // Whoever reads the value of a run that was refused reads it of a request that became none, too.
        const reason = refusalOf(error);
        if (json && reason !== null) out.json(refusedJson(reason));
        throw error;
      });
      out.notes(existing ? `${starting.existing}: run ${run}` : `Run ${run}`);
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
      return await follow(cli, client, run, { json, draw, interrupt });
    } finally {
      interrupt.dispose();
    }
  });
}

/** Said where a request key has started the run before. */
export const ASKED_BEFORE = 'This was asked before under that key';
