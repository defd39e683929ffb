import type { LimitNumbers, Refusal, Resource } from '../limits.js';
import { type Answer, json } from './call.js';

const LIMIT_DOCUMENTATION = 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api';

const SECONDARY_MESSAGE =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

/** The answer to a request over a limit, as GitHub words it. GraphQL tells of its primary limit with status 200. */
export function limitAnswer(refusal: Refusal, resource: Resource, numbers: LimitNumbers): Answer {
  if (refusal.kind === 'primary') {
    const message = 'API rate limit exceeded for user ID 1001.';
    if (resource === 'graphql') return json(200, { errors: [{ type: 'RATE_LIMITED', message }] });
    return json(403, { message, documentation_url: LIMIT_DOCUMENTATION, status: '403' });
  }
  const status = numbers.secondary_status ?? 403;
  const headers: Record<string, string> =
    numbers.retry_after === false ? {} : { 'retry-after': String(refusal.retryAfter) };
  const body = { message: SECONDARY_MESSAGE, documentation_url: LIMIT_DOCUMENTATION, status: String(status) };
  return json(status, body, headers);
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by personal access token',
  404: 'Not Found',
  409: 'Conflict',
  410: 'Gone',
  422: 'Validation Failed',
  429: SECONDARY_MESSAGE,
  500: 'Server Error',
  502: 'Server Error',
  503: 'Service Unavailable',
  504: "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request and contact us if the problem persists.",
};

/** A bare answer by status, for faults and refusals at the door. */
export function statusAnswer(status: number, body?: unknown, headers: Record<string, string> = {}): Answer {
  const message = MESSAGES[status] ?? 'Error';
  return json(
    status,
    body ?? { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
    headers,
  );
}

/** Until when an answer tells its caller to wait, in milliseconds since 1970, or null where it does not. */
export function waitTold(answer: Answer, now: number): { resource: 'own' | 'all'; until: number } | null {
  const { status, headers, text } = answer;
  const retryAfter = headers['retry-after'];
  const limited = status === 403 || status === 429;
  if (limited && retryAfter !== undefined) return { resource: 'all', until: now + Number(retryAfter) * 1000 };
  if (headers['x-ratelimit-remaining'] === '0')
    return { resource: 'own', until: Number(headers['x-ratelimit-reset']) * 1000 };
  // Without retry-after GitHub's documents say: wait for at least one minute.
  if (limited && text?.includes('secondary rate limit')) return { resource: 'all', until: now + 60_000 };
  return null;
}
