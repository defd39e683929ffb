import { formatDuration } from './duration.js';
import type { GitHubStatus, LaneStatus, TokenCache, TokenLimits, WorkerStatus } from './github-status.js';
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
  // Times as they are told sort as they follow each other.
  const [since = ''] = open.flatMap((breaker) => breaker.since ?? []).toSorted();
  const [asks] = open.flatMap((breaker) => breaker.until ?? []).toSorted();
  const isAhead = asks !== undefined && Date.parse(asks) > now;
  return [lane, state, since, isAhead ? `asks again at ${until(asks, now)}` : ''];
}

const cacheRow = (cache: TokenCache): string[] => [
  cache.token,
  `${cache.cache_size} ${cache.cache_size === 1 ? 'answer' : 'answers'}`,
  String(cache.cache_hits),
  String(cache.revalidations),
  String(cache.cache_misses),
  `${(cache.hit_rate * 100).toFixed(0)} %`,
];

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
  const { host, limits, cache, breakers, workers, transitions } = status;
  const used = cache.filter((each) => each.calls_saved + each.cache_misses > 0);
  return [
    `${theme.bold('GitHub')}  ${oneLine(host)}`,
    '',
    ...table(
      ['TOKEN', 'LIMIT', 'LEFT', 'RESETS'],
      limits.flatMap((each) => limitRows(each, now)),
      theme,
    ),
    ...(used.length === 0
      ? []
      : [
          '',
          ...table(['TOKEN', 'CACHE', 'HITS', 'UNCHANGED', 'IN FULL', 'HIT RATE'], used.map(cacheRow), theme),
        ]),
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
