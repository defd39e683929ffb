import { holds } from '../github/operations/holds.js';
import type { Operation } from '../github/operations/operation.js';
import { sameJson } from '../standards/json.js';
import type { Json } from '../standards/model.js';
import type { ConclusionDetail, MutationRecord } from '../store/store.js';
import { callsOf, isOpen } from './step-records.js';

/** Of an operation, what says how GitHub adds to what is written. */
type Adding = Pick<Operation, 'over'>;

/** What is found as what was made of a value that was written, where GitHub adds to such values and it holds that. */
export const madeIn =
  (operation: Adding, found: Json) =>
  (wrote: Json): Pick<ConclusionDetail, 'stored'> =>
    operation.over !== undefined && holds(operation, found, wrote) ? { stored: found } : {};

/**
 * What GitHub has made of what was written, by its answer. It may leave out some of that, as a team that is not there yet: then its answer
 * counts where a look shows the same.
 */
export async function madeBy(
  operation: Adding,
  answer: Json,
  wrote: Json,
  look: () => Promise<Json>,
): Promise<Pick<ConclusionDetail, 'stored'>> {
  if (answer === null || operation.over === undefined || holds(operation, answer, wrote))
    return madeIn(operation, answer)(wrote);
  const found = await look().catch(() => null);
  return sameJson(found, answer) ? { stored: answer } : madeIn(operation, found)(wrote);
}

/** Whether the last of some calls has had its effect. What it wrote may be less than what was there: that holds it too. */
export function isMade(operation: Adding, calls: MutationRecord[], found: Json): boolean {
  const last = calls.at(-1);
  if (last === undefined) return false;
  if (sameJson(found, last.to)) return true;
  const wasHeld = holds(operation, last.from, last.to) && holds(operation, found, last.from);
  return holds(operation, found, last.to) && !wasHeld;
}

/** What is found, without what GitHub has added to what the last of some lost calls wrote. */
export const asWritten = (operation: Adding, lost: MutationRecord[], found: Json): Json =>
  isMade(operation, lost, found) ? (lost.at(-1)?.to ?? null) : found;

/**
 * What dos have made of the value that they wrote. Where no answer has told, that is what is found, if it holds that value: what somebody
 * has added cannot be told from what GitHub adds.
 */
export function storedOf(operation: Adding, wrote: Json, calls: MutationRecord[], found: Json): Json {
  // Those before it were for the same: they make the same of it.
  const last = callsOf(calls, 'do').findLast((call) => isOpen(call) || call.outcome === 'applied');
  const isUnseen = last !== undefined && (isOpen(last) || !last.seen);
  return isUnseen && holds(operation, found, wrote) ? found : wrote;
}
