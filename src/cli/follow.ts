import type { RunStatus } from '../workflows/contract.js';
import type { Cli } from './cli.js';
import type { Client } from './deps.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { comeBack, nextCommands } from './hints.js';
import type { Interrupt } from './interrupt.js';
import { lineProgress, type Progress } from './progress.js';
import { applyJson, exitCodeOfRun } from './run-result.js';
import { runTree } from './run-tree.js';

export interface Following {
  json: boolean;
  /** What is drawn on a terminal; without one, lines. */
  draw: (io: Cli['io']) => Progress;
  interrupt: Interrupt;
}

/** Shows how a run gets on until it is at rest, says how it ended, and gives the exit code for that. */
export async function follow(cli: Cli, client: Client, run: string, following: Following): Promise<ExitCode> {
  const { io, out } = cli;
  const { signal } = following.interrupt;
  const progress = io.stderr.isTTY === true ? following.draw(io) : lineProgress(io);
  // At once, so that a second Ctrl-C finds the terminal in order.
  const end = (): void => progress.end();
  signal.addEventListener('abort', end, { once: true });
  try {
    const watched = await client.watch(run, {
      signal,
      onStatus: (status) => {
        if (!signal.aborted) progress.update(status);
      },
      onNoWorker: () =>
        progress.note('No worker has polled for 10 s; still waiting. Start one: orgsaga worker'),
      onServer: (reachable) =>
        progress.note(
          reachable
            ? 'The Temporal server is back.'
            : 'The Temporal server is lost; the run is safe. Trying again for 5 minutes.',
        ),
    });
    progress.end();
    switch (watched.ended) {
      case 'at_rest':
        return settle(cli, watched.status, following.json);
      case 'aborted':
        noteDetached(cli, run);
        return EXIT.interrupted;
      case 'gave_up':
        out.notes(
          `Gave up after 5 minutes without the Temporal server. The run is ${run}; come back to it with:`,
          ...comeBack(run),
        );
        return EXIT.gaveUp;
    }
  } finally {
    signal.removeEventListener('abort', end);
    progress.end();
  }
}

export function noteDetached({ out }: Cli, run: string): void {
  out.notes(`Detached. The run ${run} goes on:`, ...comeBack(run));
}

/** Says how a run has come to rest, and gives the exit code for that. */
export function settle({ out }: Cli, status: RunStatus, json: boolean): ExitCode {
  if (json) out.json(applyJson(status));
  else out.lines(...runTree(status, out.theme));
  if (status.state === 'Refused')
    out.notes(`${out.noteTheme.red('error:')} refused: ${status.reason ?? status.phase}`);
  const left = status.conflicts.length;
  if (left > 0)
    out.notes(
      `${left === 1 ? '1 field is' : `${left} fields are`} left as a conflict; see orgsaga status ${status.run}`,
    );
  const next = nextCommands(status);
  if (next.length > 0) out.notes('', 'Next:', ...next.map((command) => `  ${command}`));
  return exitCodeOfRun(status);
}
