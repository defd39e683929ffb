import { formatDuration } from './duration.js';
import type { GitHubStatus, LaneStatus, TokenLimits, WorkerStatus } from './github-status.js';
import { table } from './table.js';
import { oneLine, type Theme } from './theme.js';

const until = (at: string, now: number): string => {
  const left = Date.parse(at) - now;
  return left <= 0 ? at : `${at} (in ${formatDuration(left)})`;
};

function limitRows({ token, core, graphql, error }: TokenLimits, now: number): string[][] {
  if (error !== null) return [[token, 'not known', '', '']];
  return Object.entries({ core, graphql }).flatMap(([resource, window]) =>
    window === null
      ? []
      : [[token, resource, `${window.remaining} of ${window.limit}`, until(window.reset, now)]],
  );
}

function laneRow(
  { lane, state, order }: LaneStatus,
  workers: readonly WorkerStatus[],
  now: number,
): string[] {
  if (state === 'isolated' && order !== null)
    return [lane, state, order.at, `by ${order.actor}${order.reason === '' ? '' : `: ${order.reason}`}`];
  const open = workers
    .map(({ breakers }) => breakers[lane])
    .filter((breaker) => breaker.state === 'open' || breaker.state === 'half-open');
  const first = Math.min(...open.map(({ since }) => since));
  const asks = Math.min(...open.flatMap((breaker) => (breaker.state === 'open' ? [breaker.until] : [])));
  const next =
    asks > now && Number.isFinite(asks) ? `asks again at ${until(new Date(asks).toISOString(), now)}` : '';
  return [lane, state, open.length === 0 ? '' : new Date(first).toISOString(), open.length === 0 ? '' : next];
}

const workerRow = ({ worker, token, queued, inFlight, pace, closed }: WorkerStatus): string[] => [
  worker,
  token,
  String(inFlight),
  String(queued),
  `${pace.rest} REST, ${pace.graphql} GraphQL, ${pace.content} content`,
  closed.map((each) => `${each.window} until ${each.until}`).join(', '),
];

/** What stands between the workers and GitHub, for a person. */
export function renderGitHubStatus(status: GitHubStatus, theme: Theme, now: number): string[] {
  const { host, limits, breakers, workers, transitions } = status;
  return [
    `${theme.bold('GitHub')}  ${oneLine(host)}`,
    '',
    ...table(
      ['TOKEN', 'LIMIT', 'LEFT', 'RESETS'],
      limits.flatMap((each) => limitRows(each, now)),
      theme,
    ),
    '',
    ...table(
      ['BREAKER', 'STATE', 'SINCE', ''],
      breakers.map((each) => laneRow(each, workers, now)),
      theme,
    ),
    ...(workers.length === 0
      ? []
      : [
          '',
          ...table(
            ['WORKER', 'TOKEN', 'UNDER WAY', 'QUEUED', 'POINTS OF THE LAST MINUTE', 'CLOSED'],
            workers.map(workerRow),
            theme,
          ),
        ]),
    ...(transitions.length === 0
      ? []
      : [
          '',
          ...table(
            ['TRANSITION', 'BREAKER', 'FROM', 'TO', 'WORKER', 'REASON'],
            transitions.map(({ at, lane, from, to, worker, reason }) => [at, lane, from, to, worker, reason]),
            theme,
          ),
        ]),
  ];
}
