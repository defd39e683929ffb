import type { DeadLetter, LettersAnswer, ParkedItem } from '../workflows/contract.js';
import type { Became } from './became.js';

/** What became of each dead letter that a retry took up, once it is settled. */
export interface RetryOutcome extends LettersAnswer {
  succeeded: string[];
  failed: DeadLetter[];
  /** Failed again, and what was done cannot be undone before a person has decided. */
  parked: ParkedItem[];
}

/** An item that was taken up, and has ended without being done. */
export function refuse(
  { accepted, refused }: LettersAnswer,
  refusal: LettersAnswer['refused'][number],
): void {
  // Once: another item may have its name.
  const at = accepted.indexOf(refusal.item);
  if (at >= 0) accepted.splice(at, 1);
  refused.push(refusal);
}

/** A refusal in the words of whoever gave the item up or took it back. */
export function refusedAs(refusal: LettersAnswer['refused'][number], became: Became | null | undefined) {
  return became === null || became === undefined || became === 'done'
    ? refusal
    : { item: refusal.item, reason: became.reason };
}
