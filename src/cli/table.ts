import Table from 'cli-table3';
import { oneLine, type Theme } from './theme.js';

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Longer cells are cut; `show` and `--json` have the whole. */
const WIDEST = 72;

const cell = (text: string): string => {
  const line = oneLine(text);
  return line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line;
};

/** Rows under a heading, columns as wide as they need. Cells come from outside and are made safe for a terminal. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  theme: Theme,
): string[] {
  const grid = new Table({
    head: headings.map((heading) => theme.bold(heading)),
    chars: PLAIN,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  grid.push(...rows.map((row) => row.map(cell)));
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
