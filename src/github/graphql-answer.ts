import type { GraphQlError } from './client.js';
import type { GitHubFailure } from './errors.js';
import { type FailedAnswer, limitedUntil, showsLimit } from './failure.js';
import { isObject } from './json.js';

/** The body of a GraphQL answer taken apart; null where it is not one. */
export function parseGraphQl(
  body: unknown,
): { data: Record<string, unknown> | null; errors: GraphQlError[] } | null {
  if (!isObject(body)) return null;
  const { data, errors } = body;
  if (!isObject(data) && !Array.isArray(errors)) return null;
  return { data: isObject(data) ? data : null, errors: Array.isArray(errors) ? errors.map(parseError) : [] };
}

function parseError(error: unknown): GraphQlError {
  const { type, path, message } = isObject(error) ? error : {};
  return {
    type: typeof type === 'string' ? type : null,
    path: Array.isArray(path)
      ? path.filter((part) => typeof part === 'string' || typeof part === 'number')
      : [],
    message: typeof message === 'string' ? message : 'no message',
  };
}

/** What a GraphQL answer of status 200 means as a whole; null where it is an answer, perhaps with errors in parts. */
export function failureOfWhole(
  data: Record<string, unknown> | null,
  errors: readonly GraphQlError[],
  headers: FailedAnswer['headers'],
  now: number,
): GitHubFailure | null {
  if (errors.length === 0 || hasAnything(data)) return null;
  // Beside data, each part has an error of its own, and not all may say that nothing was done.
  if (data === null ? errors.some(isLimit) : errors.every(isLimit))
    return { kind: 'limited', status: 200, until: limitedUntil(headers, now) };
  if (data !== null) return null;
  return failureOfError(errors[0], now);
}

const isLimit = (error: GraphQlError): boolean =>
  failureOfError(error, 0).kind === 'limited' || showsLimit({ headers: {}, message: error.message });

/** The type of the errors of what GitHub has not come to, as the request was too much for it. */
export const CUT_SHORT = 'RESOURCE_LIMITS_EXCEEDED';

/** What one alias's error means for what the alias asked. */
export function failureOfError(error: GraphQlError | undefined, now: number): GitHubFailure {
  switch (error?.type ?? '') {
    case 'NOT_FOUND':
      return { kind: 'refused', status: 404 };
    case 'FORBIDDEN':
    case 'INSUFFICIENT_SCOPES':
      return { kind: 'refused', status: 403 };
    case CUT_SHORT:
      // Too much for one request, which closes no window; what it asked may be done.
      return { kind: 'unknown', status: 200 };
    case 'RATE_LIMITED':
    case 'RATE_LIMIT':
      return { kind: 'limited', status: 200, until: limitedUntil({}, now) };
    default:
      // GitHub reports its own failures without a type, in these words.
      return /something went wrong|timed? ?out|internal/i.test(error?.message ?? '')
        ? { kind: 'unknown', status: 200 }
        : { kind: 'refused', status: 422 };
  }
}

function hasAnything(data: Record<string, unknown> | null): boolean {
  return data !== null && Object.values(data).some((value) => value !== null);
}
