import { LRUCache } from 'lru-cache';
import type { StandardsDocument } from '../standards/document.js';
import { StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';

/** Documents never change under their hash, so a few are kept parsed; the largest is about 2 MB. */
const parsed = new LRUCache<string, StandardsDocument>({ max: 8 });
const hashes = new LRUCache<string, string>({ max: 1_000 });

/** The standards document that a run was started with. @throws StepError where this worker's store does not have it */
export async function documentOf(
  { store }: Pick<ActivityDeps, 'store'>,
  run: string,
): Promise<StandardsDocument> {
  const hash = hashes.get(run) ?? (await store.getRun(run))?.document ?? null;
  if (hash === null) throw missing(run);
  hashes.set(run, hash);
  const known = parsed.get(hash);
  if (known !== undefined) return known;
  const body = await store.getDocument(hash);
  if (body === null) throw missing(run);
  const document = JSON.parse(body) as StandardsDocument;
  parsed.set(hash, document);
  return document;
}

/** Another worker may have it, so this is no refusal. */
function missing(run: string): StepError {
  return new StepError(
    `this worker's store does not know run ${run}: workers of one installation must share their store ` +
      '(the same ORGSAGA_HOME on one host, DATABASE_URL on several)',
    'unavailable',
    'store',
    false,
  );
}
