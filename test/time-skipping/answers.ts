import { ApplicationFailure, Context } from '@temporalio/activity';
import { type Answer, FAILURE_TYPES } from '../../src/transaction/answer.js';

const USAGE = { rest: 1, graphql: 0, mutating: 1 };
export const done = <T>(value: T): Answer<T> => ({ status: 'done', value, usage: USAGE });

export function waiting(waitMs: number): Extract<Answer<never>, { status: 'notYet' }> {
  const failures = Context.current().info.attempt - 1;
  return { status: 'notYet', waitMs, reason: 'the limit is closed', usage: USAGE, failures };
}

export function failure(
  kind: keyof typeof FAILURE_TYPES,
  mayBeApplied: boolean,
  code: string = kind,
): ApplicationFailure {
  return ApplicationFailure.create({
    message: `it is ${kind}`,
    type: FAILURE_TYPES[kind],
    nonRetryable: kind === 'refused',
    details: [{ mayBeApplied, code, usage: USAGE }],
  });
}
