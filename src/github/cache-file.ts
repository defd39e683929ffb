import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { addCacheCounts, NO_COUNTS } from '../policies/read-cache.js';
import type { KeptAnswers, ReadCache } from './read-cache.js';

const counted = z.number().int().nonnegative();
const fileSchema = z.object({
  version: z.literal(1),
  counts: z.object({ hits: counted, revalidations: counted, misses: counted }),
  answers: z.array(
    z.tuple([
      z.string(),
      z.object({
        etag: z.string().nullable(),
        at: z.number(),
        headers: z.record(z.string(), z.string()),
        body: z.string(),
      }),
    ]),
  ),
});

/** What an earlier process has kept; nothing where there is no file, or none that can be read: it is a cache. */
export async function loadAnswers(path: string): Promise<KeptAnswers> {
  try {
    const { answers, counts } = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return { answers, counts };
  } catch {
    return { answers: [], counts: NO_COUNTS };
  }
}

/**
 * Keeps the answers of a cache, readable by this user only: they tell of private repositories. Where several processes keep theirs at once
 * the last one's answers stay, and what each has counted is added up. @throws Error where it cannot be written
 */
export async function saveAnswers(path: string, cache: ReadCache): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { counts } = await loadAnswers(path);
  const file = { version: 1, counts: addCacheCounts(counts, cache.counts), answers: cache.dump() };
  const beside = `${path}.${process.pid}`;
  try {
    await writeFile(beside, JSON.stringify(file), { mode: 0o600 });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
