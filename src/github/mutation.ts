import type { JsonObject } from '../standards/model.js';
import type { GraphQlAnswer } from './client.js';
import type { GitHubError } from './errors.js';
import { callFailed } from './failure.js';
import { CUT_SHORT, failureOfError } from './graphql-answer.js';
import { type Fields, isObject } from './json.js';

/** One field of GraphQL's type Mutation, with its input and what is asked of its payload. */
export interface Mutation {
  /** As GraphQL has it, e.g. `updateTopics`. */
  name: string;
  input: JsonObject;
  selection: string;
  /** What it is made to, for messages. */
  what: string;
  /** Why a payload says that nothing was done; null where it was. */
  refusal?: (payload: Fields) => string | null;
}

/** Several mutations as one request: an alias for each, its input as a variable. */
export function mutationsQuery(mutations: readonly Mutation[]): { query: string; variables: JsonObject } {
  const declared = mutations.map(({ name }, index) => `$${alias(index)}: ${inputType(name)}`);
  const fields = mutations.map(
    ({ name, selection }, index) => `${alias(index)}: ${name}(input: $${alias(index)}) { ${selection} }`,
  );
  return {
    query: `mutation(${declared.join(', ')}) { ${fields.join(' ')} }`,
    variables: Object.fromEntries(mutations.map(({ input }, index) => [alias(index), input])),
  };
}

/** What came of one of the mutations: its payload, or its own error. One without either may have been applied. */
export function payloadOf(
  { data, errors, requestId }: GraphQlAnswer,
  mutation: Mutation,
  index: number,
): Fields | GitHubError {
  const payload = data?.[alias(index)];
  const asked = askedOf(mutation);
  if (isObject(payload)) {
    // An error further down is of a field that is read afterwards, and says nothing of the write.
    const refusal = mutation.refusal?.(payload) ?? null;
    return refusal === null
      ? payload
      : callFailed(asked, { kind: 'refused', status: 422 }, refusal, requestId);
  }
  const error = errors.find(({ path }) => path[0] === alias(index));
  if (error?.path.length === 1)
    return callFailed(asked, failureOfError(error, Date.now()), error.message, requestId);
  return callFailed(
    asked,
    { kind: 'unknown', status: 200 },
    error?.message ?? 'the answer is empty',
    requestId,
  );
}

/** Whether GitHub has cut an answer short because the request was too much. */
export const isCutShort = ({ errors }: GraphQlAnswer): boolean =>
  errors.some(({ type }) => type === CUT_SHORT);

export const askedOf = ({ name, what }: Mutation): string => `${name} for ${what}`;

const alias = (index: number): string => `m${index}`;

const inputType = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
