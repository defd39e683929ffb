import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { DeadLetter, LettersAnswer } from '../../../src/workflows/contract.js';
import { SEARCH_ATTRIBUTES } from '../../../src/workflows/search-attributes.js';

/** A workflow that the server knows: completed with an outcome, failed as a dead letter, or still running, in a state or none. */
export type Known =
  | { outcome: string; conflicts?: object[] }
  | { letter: DeadLetter }
  | { retried: string; state?: string }
  | 'running';

async function resultOf(known: Known): Promise<unknown> {
  if (known === 'running') throw new Error('it is still running');
  if ('retried' in known) return { outcome: known.retried };
  if ('outcome' in known) return { conflicts: [], ...known };
  const cause = ApplicationFailure.create({ type: 'DeadLetter', details: [{ letter: known.letter }] });
  throw new WorkflowFailedError('failed', cause, 'NON_RETRYABLE_FAILURE');
}

const nameOf = (known: Known): string => {
  if (known === 'running' || 'retried' in known) return 'RUNNING';
  return 'outcome' in known ? 'COMPLETED' : 'FAILED';
};

const stateOf = (known: Known): string | undefined =>
  known !== 'running' && 'retried' in known ? known.state : undefined;

const withAbortSignal = <T>(_signal: AbortSignal, work: () => Promise<T>): Promise<T> => work();

interface Server {
  /** What visibility lists, or by which query. */
  listed?: unknown[] | ((query: string) => unknown[]);
  /** Filled with the workflows that were asked for. */
  asked?: string[];
  /** How a run answers an Update. */
  update?: (run: string, asked: { updateId?: string; args: unknown[] }) => LettersAnswer;
}

/** A server that knows these workflows. */
export function clientWith(
  workflows: Record<string, Known>,
  { listed = [], asked, update }: Server = {},
): Client {
  const getHandle = (id: string) => {
    asked?.push(id);
    const known = workflows[id];
    const missing = async (): Promise<never> => {
      throw new WorkflowNotFoundError('not found', id, undefined);
    };
    if (known === undefined) return { describe: missing, query: missing, result: missing };
    return {
      describe: async () => ({
        status: { name: nameOf(known) },
        runId: 'r1',
        typedSearchAttributes: new Map([[SEARCH_ATTRIBUTES.state, stateOf(known)]]),
      }),
      query: missing,
      result: () => resultOf(known),
      executeUpdate: async (_: unknown, sent: { updateId?: string; args: unknown[] }) => update?.(id, sent),
    };
  };
  async function* list({ query }: { query: string }) {
    yield* typeof listed === 'function' ? listed(query) : listed;
  }
  return { workflow: { getHandle, list }, withAbortSignal } as unknown as Client;
}
