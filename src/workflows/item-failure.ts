import type { Failure } from '../transaction/failure.js';

/** Why an item could not be done, after how many attempts, from when to when (ISO 8601). */
export interface Failed {
  failure: Failure;
  attempts: number;
  first: string;
  last: string;
}

export const now = (): string => new Date().toISOString();

/** Nothing was begun: what would be written is not what was approved. */
export function unapproved(message: string): Failed {
  const failure: Failure = {
    step: 'approval',
    kind: 'refused',
    message,
    code: 'changed_since_approval',
    mayBeApplied: false,
  };
  return { failure, attempts: 1, first: now(), last: now() };
}
