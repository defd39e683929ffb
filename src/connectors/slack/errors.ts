import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRequestError } from '@slack/web-api';
import { ConnectorError } from '../errors.js';

/** Words by which Slack says that the token is no good. */
const TOKEN = ['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive'];
/** Words by which Slack says that it does not know itself. */
const BROKEN = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'accesslimited'];
const LIMITED = ['ratelimited', 'rate_limited', 'message_limit_exceeded'];
const LIMITED_MS = 30_000;

const HINTS: Record<string, string> = {
  not_in_channel: '; invite the app into the channel',
  channel_not_found: '; give the id of a channel that the app sees',
  missing_scope:
    '; the app needs chat:write and, to find its message again, channels:history or groups:history',
};

export function isPlatformError(error: unknown, words: readonly string[]): boolean {
  return error instanceof WebAPIPlatformError && words.includes(error.data.error);
}

/** What an error of Slack's client means for a step. */
export function asConnectorError(error: unknown): unknown {
  if (error instanceof WebAPIRequestError)
    return error.original instanceof ConnectorError
      ? error.original
      : new ConnectorError(`Slack: ${error.original.message}`, { kind: 'unknown' });
  if (error instanceof WebAPIHTTPError)
    return new ConnectorError(`Slack refused with ${error.statusCode}`, {
      kind: 'refused',
      code: error.statusCode === 403 ? 'forbidden' : 'refused',
    });
  if (!(error instanceof WebAPIPlatformError)) return error;
  const word = error.data.error;
  const message = `Slack said ${word}${HINTS[word] ?? ''}`;
  if (TOKEN.includes(word)) return new ConnectorError(message, { kind: 'unauthenticated' });
  if (BROKEN.includes(word)) return new ConnectorError(message, { kind: 'unknown' });
  if (LIMITED.includes(word))
    return new ConnectorError(message, { kind: 'limited', until: Date.now() + LIMITED_MS });
  return new ConnectorError(message, { kind: 'refused', code: word });
}
