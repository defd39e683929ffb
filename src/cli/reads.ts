import { join } from 'node:path';
import { githubAccess, tokenIdFor, tokenLabel } from '../access.js';
import type { Config } from '../config.js';
import { loadAnswers, saveAnswers } from '../github/cache-file.js';
import { ReadCache } from '../github/read-cache.js';
import { countRequests } from '../github/request-count.js';
import { planStandards } from '../planning.js';
import { addCacheCounts, type CacheStatistics, cacheStatistics, NO_COUNTS } from '../policies/read-cache.js';
import type { Deps, Reads } from './deps.js';
import { readLive } from './live.js';

/** Where the answers are kept that a token was given; its id tells nobody the token. */
const fileOf = ({ cacheDirectory }: Config, tokenId: string): string =>
  join(cacheDirectory, 'github', `${tokenId}.json`);

interface Opened {
  path: string;
  cache: ReadCache;
}

async function openCaches(
  config: Config,
  env: NodeJS.ProcessEnv,
  { organizations, cached }: Parameters<Deps['withReads']>[2],
): Promise<Map<string, Opened>> {
  const { max_entries: maxEntries, ttl: ttlMs, slow_ttl: slowTtlMs } = config.cache;
  const mode = cached ? 'recent' : 'revalidate';
  const opened = new Map<string, Opened>();
  for (const organization of organizations) {
    const label = tokenLabel(config, organization);
    if (opened.has(label)) continue;
    const path = fileOf(config, await tokenIdFor(config, env, organization));
    const cache = new ReadCache({ mode, maxEntries, ttlMs, slowTtlMs }, await loadAnswers(path));
    opened.set(label, { path, cache });
  }
  return opened;
}

/** {@link Deps.withReads}, with the answers of earlier commands at hand; those of this one are kept, also where it fails. */
export const withReads: Deps['withReads'] = async (config, env, options, work) => {
  const opened = await openCaches(config, env, options);
  const caches = new Map([...opened].map(([label, { cache }]) => [label, cache]));
  const access = githubAccess(config, env, undefined, caches);
  const { graphql = true } = options;
  const client = (organization: string) => access(organization, { graphql });
  const reads: Reads = {
    plan: (document) => planStandards(document, client, config.batch.page),
    readLive: (organization, onPage) =>
      readLive(client(organization), organization, config.batch.page, onPage),
  };
  const { outcome, count } = await countRequests(() => work(reads));
  let notKept: string | null = null;
  for (const { path, cache } of opened.values())
    await saveAnswers(path, cache).catch((error: unknown) => {
      notKept = error instanceof Error ? error.message : String(error);
    });
  if (!outcome.ok) throw outcome.error;
  const counts = [...opened.values()].reduce(
    (sum, { cache }) => addCacheCounts(sum, cache.counts),
    NO_COUNTS,
  );
  return { value: outcome.value, cost: { requests: count, cache: counts, notKept } };
};

/** How answers to the reads of a token were come by, over all commands that have kept theirs. */
export async function cacheOf(config: Config, tokenId: string): Promise<CacheStatistics> {
  const { answers, counts } = await loadAnswers(fileOf(config, tokenId));
  return cacheStatistics(counts, answers.length);
}
