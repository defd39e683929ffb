import { redact } from '../security/redact.js';

/**
 * What a call to another system came to.
 * - `refused`, `unauthenticated`: it was answered, had no effect, and a repeat will be told the same.
 * - `unknown`: it may have had its effect; nobody can tell but by looking.
 * - `unsent`: it never left, and may go later.
 * - `limited`: it was not sent or not carried out, and may go at `until` (epoch milliseconds).
 */
export type ConnectorFailure =
  | { kind: 'refused'; code: string }
  | { kind: 'unauthenticated' }
  | { kind: 'unknown' }
  | { kind: 'unsent' }
  | { kind: 'limited'; until: number };

/** Thrown by connectors and by what they send with. Its message holds no credential. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';

  constructor(
    message: string,
    readonly failure: ConnectorFailure,
  ) {
    super(redact(message));
  }
}

/** A refusal in a connector's own words: what is wrong and what to do about it. */
export const refusal = (message: string, code = 'refused'): ConnectorError =>
  new ConnectorError(message, { kind: 'refused', code });
