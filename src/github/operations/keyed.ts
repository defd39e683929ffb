import type { Change } from '../../standards/model.js';
import type { Operation } from './operation.js';

/** An operation on a team that has another slug by now: the change goes on record as it was planned, and GitHub is asked by the new key. */
export function keyed(operation: Operation, key: string): Operation {
  const now = (change: Change): Change => ({ ...change, key });
  return {
    ...operation,
    read: (context, target, change) => operation.read(context, target, now(change)),
    write: (context, target, change, from, to) => operation.write(context, target, now(change), from, to),
    takesAlong: async (context, target, change) =>
      (await operation.takesAlong?.(context, target, now(change))) ?? [],
    others: async (context, target, change) => (await operation.others?.(context, target, now(change))) ?? [],
  };
}
