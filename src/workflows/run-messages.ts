import { setHandler } from '@temporalio/workflow';
import {
  cancelSignal,
  cancelUpdate,
  discardSignal,
  discardUpdate,
  itemSettledSignal,
  type LettersAnswer,
  lettersBackSignal,
  type RunState,
  type RunStatus,
  retrySignal,
  retryUpdate,
  type Settled,
  statusQuery,
} from './contract.js';
import { type DeadLetterDesk, MOST_ITEMS } from './letters.js';
import { tolerant } from './tolerant.js';

/** What can be asked of a run from outside. */
export interface Steering {
  status(): RunStatus;
  cancel(keep: boolean): Promise<{ accepted: boolean; state: RunState }>;
  /** A parked item has come to its end. */
  settled(settled: Settled): Promise<void>;
  /** Null until the run is opened. */
  desk(): DeadLetterDesk | null;
  /** Why dead letters take no orders any more; null while they do. */
  closed(): string | null;
}

/** Registers the run's handlers; to be called before the workflow's first await. */
export function handleMessages(run: Steering): void {
  setHandler(statusQuery, () => run.status());
  setHandler(
    itemSettledSignal,
    tolerant('itemSettled', (settled) => run.settled(settled)),
  );

  setHandler(
    lettersBackSignal,
    tolerant('lettersBack', (letters) => run.desk()?.back(letters)),
  );
  setHandler(
    cancelSignal,
    tolerant('cancel', async (request) => void (await run.cancel(keeps(request)))),
  );
  setHandler(cancelUpdate, (request) => run.cancel(keeps(request)));

  const open = (): DeadLetterDesk => {
    const [desk, closed] = [run.desk(), run.closed()];
    if (desk === null) throw new Error('the run is still being opened');
    if (closed !== null) throw new Error(closed);
    return desk;
  };
  const validator = (request?: { items?: unknown }): void => {
    itemsOf(request?.items ?? null);
    open();
  };
  setHandler(retryUpdate, async ({ items }): Promise<LettersAnswer> => open().retry(items), { validator });
  setHandler(
    retrySignal,
    tolerant('retry', async (items) => void (await open().retry(itemsOf(items ?? [])))),
  );
  setHandler(
    discardUpdate,
    async ({ items, actor, reason }): Promise<LettersAnswer> => open().discard(items, actor, reason),
    { validator },
  );
  setHandler(
    discardSignal,
    tolerant('discard', async (request) => {
      const { items, actor, reason } = request ?? {};
      await open().discard(itemsOf(items ?? []), actor ?? 'signal', reason ?? 'discarded by signal');
    }),
  );
}

/** @throws Error where it is no list of items, or too long a one */
function itemsOf(items: unknown): string[] {
  if (!Array.isArray(items) || !items.every((item) => typeof item === 'string'))
    throw new Error('items must be an array of owner/name');
  if (items.length > MOST_ITEMS) throw new Error(`one message takes ${MOST_ITEMS} items at most`);
  return items;
}

const keeps = (request: { keep?: unknown } | null | undefined): boolean => request?.keep === true;
