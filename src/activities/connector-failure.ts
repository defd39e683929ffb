import { ConnectorError } from '../connectors/errors.js';
import { redact } from '../security/redact.js';
import type { RecordOutcome } from '../store/store.js';
import { NotYet, StepError } from './answering.js';

/** What a connector's error says of its call, and what it means for the step. `partly`: some of its writes had their effect. */
export function failureOf(
  error: unknown,
  partly: boolean,
  reading = false,
): { outcome: Exclude<RecordOutcome, 'intended'>; thrown: StepError | NotYet } {
  if (error instanceof StepError || error instanceof NotYet) return { outcome: 'refused', thrown: error };
  const { message } = error instanceof Error ? error : { message: String(error) };
  if (!(error instanceof ConnectorError)) {
    const told = redact(message);
    return { outcome: 'unknown', thrown: new StepError(told, 'unavailable', 'failed', !reading) };
  }
  const { failure } = error;
  const outcome = partly || failure.kind === 'unknown' ? 'unknown' : 'refused';
  const may = partly || (failure.kind === 'unknown' && !reading);
  switch (failure.kind) {
    case 'refused':
      return { outcome, thrown: new StepError(message, 'refused', failure.code, may) };
    case 'unauthenticated':
      return { outcome, thrown: new StepError(message, 'refused', 'unauthenticated', may) };
    case 'unknown':
    case 'unsent':
      return { outcome, thrown: new StepError(message, 'unavailable', 'unavailable', may) };
    case 'limited':
      return { outcome, thrown: new NotYet(failure.until, message) };
  }
}
