import type { Resource } from '../policies/lanes.js';
import { GitHubError, type GitHubFailure } from './errors.js';
import type { GateReport } from './gate-contract.js';

/** An answer as far as it tells what went wrong. Header names are lower case. */
export interface FailedAnswer {
  status: number;
  headers: Readonly<Record<string, string | undefined>>;
  /** GitHub's own words, bodies and GraphQL errors alike. */
  message: string;
}

/** GitHub's advice where an answer names no time: "wait for at least one minute". */
const WAIT_WITHOUT_ADVICE_MS = 60_000;
const SECONDARY = /secondary rate limit|abuse detection|abuse rate limit/i;
const PRIMARY = /API rate limit (already )?exceeded/i;
const LONGEST_QUOTE = 500;

/** What an answer with status 400 or above means. */
export function failureOf(answer: FailedAnswer, now: number): GitHubFailure {
  const { status } = answer;
  if (status === 401) return { kind: 'unauthenticated', status };
  if ((status === 403 || status === 429) && (status === 429 || showsLimit(answer)))
    return { kind: 'limited', status, until: limitedUntil(answer.headers, now) };
  if (status >= 500) return { kind: 'unknown', status };
  return { kind: 'refused', status };
}

export function showsLimit({ headers, message }: Omit<FailedAnswer, 'status'>): boolean {
  return (
    headers['x-ratelimit-remaining'] === '0' ||
    headers['retry-after'] !== undefined ||
    SECONDARY.test(message) ||
    PRIMARY.test(message)
  );
}

/** When a limit is over, on this machine's clock: by retry-after, else by the reset, else in a minute. */
export function limitedUntil(headers: FailedAnswer['headers'], now: number): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(seconds)) return now + Math.max(seconds, 1) * 1_000;
  const resetAt = headers['x-ratelimit-remaining'] === '0' ? resetTime(headers, now) : null;
  return resetAt === null ? now + WAIT_WITHOUT_ADVICE_MS : Math.max(resetAt, now + 1_000);
}

/** `x-ratelimit-reset` moved to this machine's clock by the answer's own Date; null where there is none. */
function resetTime(headers: FailedAnswer['headers'], now: number): number | null {
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  if (!Number.isFinite(reset)) return null;
  const date = Date.parse(headers['date'] ?? '');
  return reset * 1_000 + (Number.isFinite(date) ? now - date : 0);
}

/** What the gate learns of an answer, whatever came of it otherwise. */
export function gateReport(
  resource: Resource,
  headers: FailedAnswer['headers'],
  failure: GitHubFailure | null,
  now: number,
): GateReport {
  const remaining = Number(headers['x-ratelimit-remaining'] ?? Number.NaN);
  const resetAt = resetTime(headers, now);
  const told = headers['x-ratelimit-resource'];
  const counted = told === 'core' || told === 'graphql' ? told : told === undefined ? resource : null;
  const report: GateReport = { health: failure?.kind === 'unknown' ? 'failure' : 'success' };
  if (failure?.kind === 'unknown' && failure.status !== null) report.reason = `status ${failure.status}`;
  if (counted !== null && Number.isFinite(remaining) && resetAt !== null)
    report.budget = { resource: counted, remaining, resetAt };
  if (failure?.kind === 'limited') {
    const primary = remaining === 0 && headers['retry-after'] === undefined;
    report.closed = { window: primary ? resource : 'secondary', until: failure.until };
  }
  return report;
}

/** The error of a failed call: what was asked, what came, in GitHub's words, and no header. */
export function callFailed(
  asked: string,
  failure: GitHubFailure,
  message: string,
  requestId: string | null,
): GitHubError {
  const words = message.length > LONGEST_QUOTE ? `${message.slice(0, LONGEST_QUOTE)}…` : message;
  return new GitHubError(
    `${asked}: ${inWords(failure, isRead(asked))}${words === '' ? '' : ` (${words})`}`,
    failure,
    requestId,
  );
}

const isRead = (asked: string): boolean => asked.startsWith('GET ') || asked === 'GraphQL query';

function inWords(failure: GitHubFailure, read: boolean): string {
  switch (failure.kind) {
    case 'refused':
      return `GitHub refused with ${failure.status}`;
    case 'unauthenticated':
      return 'GitHub does not accept the token; check GITHUB_TOKEN or the GITHUB_APP_ variables';
    case 'limited':
      return `GitHub's rate limit is reached until ${new Date(failure.until).toISOString()}`;
    case 'unavailable':
      return `not sent: ${failure.reason}`;
    case 'unknown':
  }
  const what =
    failure.status === null ? 'no answer that can be read' : `GitHub failed with ${failure.status}`;
  return read ? what : `${what}, so it may or may not have been applied`;
}
