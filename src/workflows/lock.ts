import { CancellationScope, sleep } from '@temporalio/workflow';
import { ask, PERSISTENT } from './ask.js';
import type { ItemInput } from './contract.js';

type LockOwner = Pick<ItemInput, 'run' | 'organization' | 'settings'>;

/**
 * How long a workflow that waits for an organisation sleeps between two questions, milliseconds: the longer it has waited,
 * the longer, so that a day's wait stays below 4,000 events of history.
 */
const ASK = { first: 3_000, factor: 1.2, longest: 300_000 };

/** Takes the organisation's lock for this run; says who holds it where it is not free. */
export async function takeLock(
  owner: LockOwner,
  holder: string,
): Promise<{ granted: true } | { granted: false; heldBy: string }> {
  const { run, organization, settings } = owner;
  return ask(
    'acquireLock',
    { run, organization, holder },
    { summary: `Lock ${organization}`, settings, usage: {}, retry: PERSISTENT },
  );
}

/** As {@link takeLock}, for as long as it takes. */
export async function awaitLock(
  owner: LockOwner,
  holder: string,
  waiting: (heldBy: string) => void,
): Promise<void> {
  for (let pause = ASK.first; ; pause = Math.min(pause * ASK.factor, ASK.longest)) {
    const answer = await takeLock(owner, holder);
    if (answer.granted) return;
    waiting(answer.heldBy);
    await sleep(Math.round(pause));
  }
}

/** Lets the lock go; also in a cancelled workflow. */
export function releaseLock(owner: LockOwner, holder: string): Promise<null> {
  const { run, organization, settings } = owner;
  return CancellationScope.nonCancellable(() =>
    ask(
      'releaseLock',
      { run, organization, holder },
      { summary: `Release ${organization}`, settings, usage: {}, retry: PERSISTENT },
    ),
  );
}

/**
 * The lock that an item takes for itself. Its run lets the organisation go while a person is awaited, and so does an item on
 * its own: whatever is undone after the decision is undone under a lock that was taken again. Meanwhile another run may have
 * written, so an undo reads first and restores only what still holds what we wrote; and the store takes no intent of a run that
 * does not own the lock ({@link Store.intend}), should it be taken away all the same.
 */
export class ItemLock {
  private held = false;

  constructor(
    private readonly owner: LockOwner,
    private readonly holder: string,
  ) {}

  async take(): Promise<void> {
    if (this.held) return;
    await awaitLock(this.owner, this.holder, () => undefined);
    this.held = true;
  }

  async release(): Promise<void> {
    if (!this.held) return;
    this.held = false;
    await releaseLock(this.owner, this.holder);
  }

  /** Does `work` while holding the lock, waiting for it first. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    try {
      return await work();
    } finally {
      await this.release();
    }
  }
}
