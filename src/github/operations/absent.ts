import type { Json } from '../../standards/model.js';
import type { Operation } from './operation.js';
import { refused } from './target.js';

/** What stands for the live value of a repository that is not where its target says, and why nothing can be written there. */
export interface Absent {
  found: Json;
  why: string;
}

/** An operation on a repository that has left its organisation, or is gone: it reads what stands for it, and nothing is written. */
export function absent(operation: Operation, { found, why }: Absent): Operation {
  const { over: _over, looksFirst: _looksFirst, ...rest } = operation;
  return {
    ...rest,
    owns: 'whole',
    read: async () => found,
    leftover: async () => false,
    others: async () => [],
    write: async (_context, target) => {
      throw refused(409, `${target.owner}/${target.name} has been ${why}`);
    },
  };
}
