import { clearLine, clearScreenDown, cursorTo, moveCursor } from 'node:readline';
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
      const counts = `${next.settled} of ${totals.repositories} repositories: ${countsLine(totals)}`;
      io.stderr.write(`${state}: ${phase}${totals.repositories === 0 ? '' : ` (${counts})`}\n`);
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
      // Before the first page has been read nobody knows of how many.
      if (totals.repositories === 0) return;
      const payload = { state, counts: countsLine(totals) };
      if (!started) bar.start(totals.repositories, settled(totals), payload);
      started = true;
      bar.setTotal(totals.repositories);
      bar.update(settled(totals), payload);
    },
    note(text) {
      cursorTo(io.stderr, 0);
      clearLine(io.stderr, 0);
      io.stderr.write(`${text}\n`);
    },
    end() {
      if (started) bar.stop();
      started = false;
    },
  };
}

/** A terminal that does not tell its size is taken for the smallest usual one. */
const sizeOf = ({ columns, rows }: Io['stderr']): { columns: number; rows: number } => ({
  columns: columns || 80,
  rows: rows || 24,
});

/** As many of the first lines as the terminal holds, and how many of its rows they take. */
function fit(
  lines: readonly string[],
  size: { columns: number; rows: number },
): { text: string; rows: number } {
  let text = '';
  let rows = 0;
  for (const line of lines) {
    const taken = Math.max(1, Math.ceil(stripVTControlCharacters(line).length / size.columns));
    // The last row is the cursor's.
    if (rows + taken >= size.rows) break;
    text += `${line}\n`;
    rows += taken;
  }
  return { text, rows };
}

/** The run's tree, drawn anew in its place at every change. Only for a terminal. */
export function treeProgress(io: Io): Progress {
  const theme = themeFor(io.stderr, io.env);
  let drawn = 0;
  let latest: RunStatus | null = null;
  const wipe = (): void => {
    if (drawn === 0) return;
    moveCursor(io.stderr, 0, -drawn);
    cursorTo(io.stderr, 0);
    clearScreenDown(io.stderr);
    drawn = 0;
  };
  const draw = (): void => {
    wipe();
    if (latest === null) return;
    const { text, rows } = fit(runTree(latest, theme), sizeOf(io.stderr));
    io.stderr.write(text);
    drawn = rows;
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
