import { table } from '../../cli/table.js';
import { themeFor } from '../../cli/theme.js';
import { AIMS, type Figures, type Spread } from './figures.js';

const one = ({ median, least, most }: Spread, digits: number, unit = ''): string => {
  const text = `${median.toFixed(digits)}${unit}`;
  return least === most ? text : `${text} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
};
const seconds = (spread: Spread): string => {
  const { median, least, most } = spread;
  return one({ median: median / 1_000, least: least / 1_000, most: most / 1_000 }, 1, ' s');
};

/** The figures as tables for a person; where there were several rounds, the median and in brackets the spread. */
export function report(figures: readonly Figures[], latencyMs: number): string[] {
  const theme = themeFor(process.stdout, process.env);
  const counts = figures.flatMap((each) => [
    [
      `${each.repositories}`,
      'first',
      `${each.first.reads}`,
      `${each.readsAtMost}`,
      `${each.first.writes}`,
      `${each.differences}`,
    ],
    [
      `${each.repositories}`,
      'nothing to do',
      `${each.again.reads}`,
      `${each.readsAtMost}`,
      `${each.again.writes}`,
      '0',
    ],
  ]);
  const times = figures.map((each) => [
    `${each.repositories}`,
    seconds(each.applyMs),
    seconds(each.plainMs),
    one(each.wallRatio, 2),
    seconds(each.againMs),
  ]);
  const rates = figures.map((each) => [
    `${each.repositories}`,
    one(each.changedPerSecond, 1),
    one(each.barePerSecond, 1),
    one(each.rateRatio, 2),
  ]);
  return [
    'Requests of an apply',
    ...table(['repositories', 'apply', 'reads', 'at most', 'writes', 'differences'], counts, theme),
    '',
    `Wall time at ${latencyMs} ms a request; aim: at most ${AIMS.wallAtMost} times the plain script at 500 repositories`,
    ...table(['repositories', 'orgsaga apply', 'plain script', 'ratio', 'nothing to do'], times, theme),
    '',
    `Repositories a second beside bare Temporal; aim: at least ${AIMS.rateAtLeast}`,
    ...table(['repositories', 'changed/s', 'bare child workflows/s', 'ratio'], rates, theme),
  ];
}
