import { clearLine, cursorTo, moveCursor } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { SingleBar } from 'cli-progress';
import type { RunState, RunStatus } from '../workflows/contract.js';
import type { Io } from './io.js';
import { countsLine, runTree, settled } from './run-tree.js';
import { themeFor } from './theme.js';

/** Shows on stderr how a run gets on. */
export interface Progress {
  update(status: RunStatus): void;
  /** A message that must not be lost under what is drawn. */
  note(text: string): void;
  /** Takes away what is drawn. */
  end(): void;
}

/** Without a terminal and with no change of state, a line is written at most this often (milliseconds). */
const LINE_EVERY_MS = 5_000;

/** One line for each change of state or of what the run is doing, and a count every few seconds. For logs. */
export function lineProgress(io: Io, now: () => number = Date.now): Progress {
  let shown: { state: RunState; phase: string; settled: number; at: number } | null = null;
  return {
    update(status) {
      const { state, phase, totals } = status;
      const next = { state, phase, settled: settled(totals), at: now() };
      const moved = shown?.state !== state || shown.phase !== phase;
      if (!moved && (shown?.settled === next.settled || next.at - (shown?.at ?? 0) < LINE_EVERY_MS)) return;
      shown = next;
      io.stderr.write(
        `${state}: ${phase} (${next.settled} of ${totals.repositories} repositories: ${countsLine(totals)})\n`,
      );
    },
    note: (text) => void io.stderr.write(`${text}\n`),
    end: () => undefined,
  };
}

/** A progress bar. Only for a terminal. */
export function barProgress(io: Io): Progress {
  const bar = new SingleBar({
    stream: io.stderr,
    format: '{state} [{bar}] {value}/{total} repositories | {counts} | {duration_formatted}',
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    fps: 10,
  });
  let started = false;
  return {
    update({ state, totals }) {
      const payload = { state, counts: countsLine(totals) };
      if (!started) bar.start(Math.max(totals.repositories, 1), settled(totals), payload);
      started = true;
      bar.setTotal(Math.max(totals.repositories, 1));
      bar.update(settled(totals), payload);
    },
    note(text) {
      cursorTo(io.stderr, 0);
      clearLine(io.stderr, 0);
      io.stderr.write(`${text}\n`);
    },
    end: () => bar.stop(),
  };
}

/** The run's tree, drawn anew in its place at every change. Only for a terminal. */
export function treeProgress(io: Io): Progress {
  const theme = themeFor(io.stderr, io.env);
  let drawn = 0;
  let latest: RunStatus | null = null;
  const wipe = (): void => {
    for (; drawn > 0; drawn -= 1) {
      moveCursor(io.stderr, 0, -1);
      clearLine(io.stderr, 0);
    }
    cursorTo(io.stderr, 0);
  };
  const draw = (): void => {
    wipe();
    if (latest === null) return;
    const lines = runTree(latest, theme);
    io.stderr.write(`${lines.join('\n')}\n`);
    // A line longer than the terminal takes several rows.
    drawn = lines.reduce(
      (rows, line) => rows + Math.max(1, Math.ceil(width(line) / (io.stderr.columns ?? 80))),
      0,
    );
  };
  return {
    update(status) {
      latest = status;
      draw();
    },
    note(text) {
      wipe();
      io.stderr.write(`${text}\n`);
      draw();
    },
    end: wipe,
  };
}

function width(line: string): number {
  return stripVTControlCharacters(line).length;
}
