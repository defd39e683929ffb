import { StepFailed } from '../transaction/failure.js';
import type { Journal } from '../transaction/journal.js';
import type { Refusal } from './contract.js';

const BY_CODE: Readonly<Record<string, Refusal>> = {
  unauthenticated: 'unauthenticated',
  forbidden: 'failed',
  not_found: 'failed',
  fenced: 'locked',
};

/**
 * What a saga's failure says where its very first step was refused, so that nothing has been done and nothing has to be
 * undone: that the token may not, or that somebody was faster. Null for every other failure.
 */
export function refusalOf(error: unknown, journal: Journal): Refusal | null {
  if (!(error instanceof StepFailed) || journal.length !== 1 || journal[0]?.state !== 'refused') return null;
  const { kind, code, message } = error.failure;
  if (kind !== 'refused') return null;
  if (code === 'unprocessable' && /already exists/i.test(message)) return 'exists';
  return BY_CODE[code] ?? null;
}
