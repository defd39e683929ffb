import type { Operation } from './operation.js';
import { refused } from './target.js';
import { movedInWords } from './whereabouts.js';

/**
 * An operation on a repository that has left its organisation, `name` being where it is now. Nothing is written to it: what a run did
 * there is told as left, with where it is.
 */
export function elsewhere(operation: Operation, name: string): Operation {
  return {
    ...operation,
    owns: 'whole',
    read: async (_context, target) => ({ changed: [movedInWords(target, name)] }),
    leftover: async () => false,
    others: async () => [],
    write: async (_context, target) => {
      throw refused(409, `${target.owner}/${target.name} has been ${movedInWords(target, name)}`);
    },
  };
}
