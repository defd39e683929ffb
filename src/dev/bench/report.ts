import { table } from '../../cli/table.js';
import { themeFor } from '../../cli/theme.js';
import type { Cached } from './cached.js';
import type { Documented } from './documented.js';
import { AIMS, type Figures, type Spread } from './figures.js';
import type { Scaled } from './scaling.js';
import { EVENTS_AT_MOST, type Streamed } from './streaming.js';

const rounded = ({ median, least, most }: Spread, digits: number, unit = ''): string => {
  const text = `${median.toFixed(digits)}${unit}`;
  return least === most ? text : `${text} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
};
const seconds = (spread: Spread): string => {
  const { median, least, most } = spread;
  return rounded({ median: median / 1_000, least: least / 1_000, most: most / 1_000 }, 1, ' s');
};

const known = (spread: Spread | null): string => (spread === null ? 'not known' : seconds(spread));

export const mebibytes = (bytes: number | null): string =>
  bytes === null ? 'not known' : `${(bytes / 1_048_576).toFixed(0)} MiB`;

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
      `${each.first.changes}`,
      `${each.differences}`,
    ],
    [
      `${each.repositories}`,
      'nothing to do',
      `${each.again.reads}`,
      `${each.readsAtMost}`,
      `${each.again.writes}`,
      `${each.again.changes}`,
      '0',
    ],
  ]);
  const requests = figures.map((one) => [
    `${one.repositories}`,
    rounded(one.requestsEach, 2),
    rounded(one.plainRequestsEach, 2),
  ]);
  const times = figures.map((each) => [
    `${each.repositories}`,
    seconds(each.applyMs),
    seconds(each.plainMs),
    rounded(each.wallRatio, 2),
    seconds(each.againMs),
  ]);
  const rates = figures.map((each) => [
    `${each.repositories}`,
    rounded(each.changedPerSecond, 1),
    rounded(each.barePerSecond, 1),
    rounded(each.rateRatio, 2),
    known(each.githubCpuMs),
    known(each.workersCpuMs),
  ]);
  const temporal = figures.map((each) => [
    `${each.repositories}`,
    rounded(each.eventsEach, 1),
    rounded(each.actionsEach, 1),
    `${each.longestHistory}`,
    mebibytes(each.memoryBytes),
  ]);
  return [
    'Requests of an apply',
    ...table(
      ['repositories', 'apply', 'reads', 'at most', 'writes', 'changes', 'differences'],
      counts,
      theme,
    ),
    '',
    `Requests of a first apply for each repository; aim: at most ${AIMS.requestsEachAtMost} at 500 repositories`,
    ...table(['repositories', 'orgsaga apply', 'plain script'], requests, theme),
    '',
    `Wall time at ${latencyMs} ms a request; aim: at most ${AIMS.wallAtMost} times the plain script at 500 repositories`,
    ...table(['repositories', 'orgsaga apply', 'plain script', 'ratio', 'nothing to do'], times, theme),
    '',
    `Repositories a second beside bare child workflows with as many activities; aim: at least ${AIMS.rateAtLeast}. Processor time of the apply`,
    ...table(['repositories', 'changed/s', 'bare/s', 'ratio', 'simulated GitHub', 'worker'], rates, theme),
    '',
    'Temporal in a first apply, for each repository; Actions as Temporal Cloud bills them',
    ...table(
      ['repositories', 'events each', 'Actions each', 'longest history', 'worker memory'],
      temporal,
      theme,
    ),
  ];
}

/** What grows with an organisation that is right, and what does not. */
export function reportStreamed(streamed: readonly Streamed[]): string[] {
  const rows = streamed.map(({ repositories, requests, readsAtMost, runMs, longest, memory }) => [
    `${repositories}`,
    `${requests}`,
    `${readsAtMost}`,
    `${(runMs / 1_000).toFixed(1)} s`,
    `${longest.events} (${longest.type})`,
    mebibytes(memory.worker),
    mebibytes(memory.stream),
    mebibytes(memory.all),
  ]);
  return [
    '',
    `Nothing to do, by a new worker; aim: no history above ${EVENTS_AT_MOST} events. Memory at its most`,
    ...table(
      [
        'repositories',
        'requests',
        'at most',
        'run',
        'longest history',
        'worker',
        'read page by page',
        'read all at once',
      ],
      rows,
      themeFor(process.stdout, process.env),
    ),
  ];
}

/** What more workers bring where they are what holds the run. */
export function reportScaled(scaled: readonly Scaled[]): string[] {
  const [{ slots, latencyMs } = { slots: 0, latencyMs: 0 }] = scaled;
  const rows = scaled.map(({ workers, runMs, perSecond, speedUp, requestsEach }) => [
    `${workers}`,
    `${(runMs / 1_000).toFixed(1)} s`,
    perSecond.toFixed(1),
    `${speedUp.toFixed(2)} x`,
    requestsEach.toFixed(2),
  ]);
  return [
    '',
    `First apply by workers that do ${slots} activities at once each, at ${latencyMs} ms a request`,
    ...table(
      ['workers', 'run', 'changed/s', 'speed-up', 'requests each'],
      rows,
      themeFor(process.stdout, process.env),
    ),
  ];
}

export function reportDocumented({
  repositories,
  wallMs,
  sent,
  requestsEach,
  restUsed,
}: Documented): string[] {
  const used = restUsed === null ? 'less than a minute' : `${(restUsed * 100).toFixed(1)} %`;
  const row = [
    `${repositories}`,
    `${(wallMs / 1_000).toFixed(0)} s`,
    requestsEach.toFixed(2),
    `${sent.limited}`,
    used,
  ];
  return [
    '',
    `At GitHub's documented limits, in real time, by two workers; aims at 500 repositories: 240 s, none refused, ${AIMS.usedAtLeast * 100} % used`,
    ...table(
      ['repositories', 'first apply', 'requests each', '403 or 429', 'REST points used'],
      [row],
      themeFor(process.stdout, process.env),
    ),
  ];
}

export function reportCached({ repositories, times, ways }: Cached): string[] {
  const rows = ways.map(({ way, requests, charged, saved, laterMs }) => [
    way,
    `${requests}`,
    `${charged.core}`,
    `${charged.graphql}`,
    `${(saved * 100).toFixed(0)} %`,
    `${(laterMs / 1_000).toFixed(1)} s`,
  ]);
  return [
    '',
    `${repositories} repositories read ${times} times by plan; charged: of the primary limits`,
    ...table(
      ['way', 'requests', 'charged, REST', 'charged, GraphQL points', 'saved', 'each time after the first'],
      rows,
      themeFor(process.stdout, process.env),
    ),
  ];
}
