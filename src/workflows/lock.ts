import { CancellationScope, sleep } from '@temporalio/workflow';
import type { LockGranted } from '../activities/interface.js';
import { ask, PERSISTENT } from './ask.js';
import type { ItemInput } from './contract.js';

type LockOwner = Pick<ItemInput, 'run' | 'organization' | 'settings'>;

/**
 * How long a workflow that waits for an organisation sleeps between two questions, milliseconds: the longer it has waited,
 * the longer, so that a day's wait stays below 4,000 events of history.
 */
const ASK = { first: 3_000, factor: 1.2, longest: 300_000 };

/** Whether two spellings are one organisation's: GitHub's logins do not differ by case. */
export const sameLogin = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Told what it is that is waited for. */
export type Waiting = (what: string) => void;

/**
 * Takes the organisation's lock for this run; says who holds it where it is not free. Nothing may be read or written under
 * a lock that was granted before {@link untilQuiet}.
 */
export async function takeLock(
  owner: LockOwner,
  holder: string,
): Promise<LockGranted | { granted: false; heldBy: string }> {
  const { run, organization, settings } = owner;
  return ask(
    'acquireLock',
    { run, organization, holder },
    { summary: `Lock ${organization}`, settings, usage: {}, retry: PERSISTENT },
  );
}

/** As {@link takeLock}, for as long as it takes. */
export async function awaitLock(owner: LockOwner, holder: string, waiting: Waiting): Promise<LockGranted> {
  for (let pause = ASK.first; ; pause = Math.min(pause * ASK.factor, ASK.longest)) {
    const answer = await takeLock(owner, holder);
    if (answer.granted) return answer;
    waiting(`run ${answer.heldBy}`);
    await sleep(Math.round(pause));
  }
}

/** Waits until no lost call of another run can come through any more: it would overwrite what is written now. */
export async function untilQuiet({ late }: LockGranted, waiting: Waiting): Promise<void> {
  if (late === undefined) return;
  waiting(`calls of run ${late.run} that may still take effect`);
  await sleep(late.forMs);
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
    /** Told what it is that is waited for; null when it goes on. */
    private readonly waiting: (what: string | null) => void,
  ) {}

  async take(): Promise<void> {
    if (this.held) return;
    try {
      const granted = await awaitLock(this.owner, this.holder, this.waiting);
      this.held = true;
      await untilQuiet(granted, this.waiting);
    } finally {
      this.waiting(null);
    }
  }

  async release(): Promise<void> {
    if (!this.held) return;
    this.held = false;
    await releaseLock(this.owner, this.holder);
  }

  /** Does `work` while holding the lock, waiting for it first. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.take();
      return await work();
    } finally {
      await this.release();
    }
  }
}
