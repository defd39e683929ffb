import type { Resource } from '../policies/lanes.js';
import type { GraphQlAnswer, RestAnswer } from './client.js';
import type { GitHubFailure } from './errors.js';
import { failureOf, limitedUntil } from './failure.js';
import { failureOfError, failureOfWhole, parseGraphQl } from './graphql-answer.js';
import { isObject } from './json.js';
import type { Transmission } from './transport.js';

/** An answer that came. */
export type Came = Extract<Transmission, { came: true }>;

/** What is wrong with an answer, or with none. */
export interface Fault {
  failure: GitHubFailure;
  /** In GitHub's words, or why none came. */
  message: string;
  /** GraphQL's schema has not what was asked for. */
  invalid?: true;
  answered: boolean;
  requestId: string | null;
}

/** What is wrong with an answer below 400, if anything is. */
export type Judge = (answer: Came, now: number) => Omit<Fault, 'answered' | 'requestId'> | null;

/** A GraphQL answer is one where it has data, perhaps with errors in parts. */
export const judgeGraphQl: Judge = ({ status, headers, data }, now) => {
  const parsed = parseGraphQl(data);
  if (parsed === null)
    return { failure: { kind: 'unknown', status }, message: 'the answer is no GraphQL answer' };
  const failure = failureOfWhole(parsed.data, parsed.errors, headers, now);
  if (failure === null) return null;
  const message = parsed.errors.map((error) => error.message).join('; ');
  // What does not fit the schema is told without a type.
  const invalid = failure.kind === 'refused' && parsed.errors.every(({ type }) => type === null);
  return { failure, message, ...(invalid ? { invalid } : {}) };
};

/** When a limit is over that GraphQL has told of for parts of an answer; null where it has not. */
export function limitInParts({ data, headers }: Came, now: number): GitHubFailure | null {
  const isLimited = parseGraphQl(data)?.errors.some((error) => failureOfError(error, now).kind === 'limited');
  return isLimited === true ? { kind: 'limited', status: 200, until: limitedUntil(headers, now) } : null;
}

/** What is wrong with an answer; null where it is as it should be. */
export function faultOf(answer: Came, judge: Judge, now: number): Fault | null {
  const wrong = wrongOf(answer, judge, now);
  return wrong && { ...wrong, answered: true, requestId: requestIdOf(answer) };
}

function wrongOf(answer: Came, judge: Judge, now: number): ReturnType<Judge> {
  const { status, headers, data } = answer;
  if (status >= 400) {
    const message = messageOf(data);
    return { failure: failureOf({ status, headers, message }, now), message };
  }
  if (!answer.readable && status < 300)
    return { failure: { kind: 'unknown', status: null }, message: 'the answer is cut off or no JSON' };
  return judge(answer, now);
}

/** GraphQL answers with success where every mutation of a request was refused: then there is no data of any. */
export function tookEffect(resource: Resource, { data }: Came): boolean {
  if (resource === 'core') return true;
  const parts = parseGraphQl(data)?.data ?? {};
  return Object.values(parts).some((part) => part !== null);
}

function messageOf(body: unknown): string {
  if (!isObject(body) || typeof body['message'] !== 'string') return '';
  const { message, errors } = body;
  return Array.isArray(errors) ? `${message}: ${errors.map(detailOf).join(', ')}` : message;
}

function detailOf(error: unknown): string {
  if (!isObject(error)) return String(error);
  return typeof error['message'] === 'string' ? error['message'] : JSON.stringify(error);
}

/** GitHub's own id of the request that was answered. */
export function requestIdOf({ headers }: Came): string | null {
  return headers['x-github-request-id'] ?? null;
}

export function restAnswer(answer: Came): RestAnswer {
  const { status, data, headers } = answer;
  return { status, data, headers, requestId: requestIdOf(answer) };
}

export const graphqlAnswer = (answer: Came): GraphQlAnswer => ({
  ...(parseGraphQl(answer.data) ?? { data: null, errors: [] }),
  requestId: requestIdOf(answer),
});
