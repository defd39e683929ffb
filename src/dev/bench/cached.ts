import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../cli/exit-codes.js';
import { type BenchGitHub, startGitHub, TOKEN } from './github.js';
import { PROGRAM, runToEnd, withoutOurs } from './processes.js';
import { benchOrganization, OPEN_LANES, STANDARDS } from './workload.js';

/** As often as each way reads the same organisation. */
const TIMES = 5;

/** Of the first reading, what all later ones may be charged: lists that end with a full page are read in full each time. */
const LATER_AT_MOST = 0.1;

const REST = ['--no-graphql'];
/** How an organisation can be read again and again. */
const WAYS = [
  { way: 'REST, nothing kept', flags: REST, kept: false },
  { way: 'REST, asked for by ETag', flags: REST, kept: true },
  { way: 'REST, --cache', flags: [...REST, '--cache'], kept: true },
  { way: 'GraphQL', flags: [], kept: true },
  { way: 'GraphQL, --cache', flags: ['--cache'], kept: true },
] as const;

/** What one way came to in all its readings. */
export interface CachedWay {
  way: string;
  /** Requests that were sent. */
  requests: number;
  /** Of the primary limits: requests of REST, points of GraphQL. */
  charged: { core: number; graphql: number };
  /** What the first way was charged and this one was not, 0 to 1; negative where it was charged more. */
  saved: number;
  /** The readings after the first, on average. */
  laterMs: number;
}

export interface Cached {
  repositories: number;
  times: number;
  ways: CachedWay[];
  /** Whether what came after the first reading was as good as free where it was asked for by ETag or not at all. */
  countsMet: boolean;
}

/** `plan` of the same organisation, again and again, by REST and by GraphQL, with and without the cache. */
export async function measureCached(latencyMs: number, repositories: number): Promise<Cached> {
  const home = mkdtempSync(join(tmpdir(), 'orgsaga-bench-'));
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  process.once('exit', remove);
  const github = await startGitHub(latencyMs, 'none');
  try {
    const ways: CachedWay[] = [];
    for (const way of WAYS) {
      await github.reset(benchOrganization(repositories));
      const measured = await readAgainAndAgain(github, home, way);
      const [plain = measured] = ways;
      ways.push({ ...measured, saved: 1 - total(measured) / total(plain) });
    }
    const [plain = 0, byEtag = 0, recent = 0] = ways.map(total);
    const most = (plain / TIMES) * (1 + LATER_AT_MOST);
    return { repositories, times: TIMES, ways, countsMet: Math.max(byEtag, recent) <= most };
  } finally {
    await github.stop();
    remove();
  }
}

const total = ({ charged }: Pick<CachedWay, 'charged'>): number => charged.core + charged.graphql;

async function readAgainAndAgain(
  github: BenchGitHub,
  home: string,
  { way, flags, kept }: (typeof WAYS)[number],
): Promise<Omit<CachedWay, 'saved'>> {
  const file = join(home, 'standards.yaml');
  // Room for every answer, whatever the number of repositories.
  const config = join(home, 'orgsaga.config.yaml');
  writeFileSync(file, STANDARDS);
  writeFileSync(config, `${OPEN_LANES}cache: { max_entries: 100000 }\n`);
  const forget = (): void => rmSync(join(home, 'cache'), { recursive: true, force: true });
  forget();
  const env = {
    ...withoutOurs(process.env),
    ORGSAGA_HOME: join(home, 'cache'),
    ORGSAGA_CONFIG: config,
    GITHUB_API_URL: github.url,
    GITHUB_TOKEN: TOKEN,
  };
  const before = await github.used();
  let laterMs = 0;
  let requests = 0;
  for (let time = 1; time <= TIMES; time += 1) {
    if (!kept) forget();
    const args = ['plan', '-f', file, '--json', ...flags];
    const { wallMs, stdout } = await runToEnd(PROGRAM, args, env, { expected: EXIT.changes });
    const { rest, graphql } = (JSON.parse(stdout) as { requests: Record<'rest' | 'graphql', number> })
      .requests;
    requests += rest + graphql;
    if (time > 1) laterMs += wallMs / (TIMES - 1);
  }
  const after = await github.used();
  const charged = { core: after.core - before.core, graphql: after.graphql - before.graphql };
  return { way, requests, charged, laterMs };
}
