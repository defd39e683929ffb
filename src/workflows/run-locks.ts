import type { LockGranted } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import { awaitLock, releaseLock, sameLogin, takeLock, untilQuiet } from './lock.js';
import { Refused } from './refusals.js';

/** Told what it is that is waited for, and on which organisations. */
type WaitingOn = (what: string, logins: string) => void;

/** The organisations that a run holds, so that no other run writes to them. */
export class RunLocks {
  private readonly held = new Set<string>();

  constructor(
    private readonly run: string,
    private readonly settings: () => RunSettings,
  ) {}

  holds(login: string): boolean {
    return [...this.held].some((held) => sameLogin(held, login));
  }

  /**
   * Takes organisations, or waits for them. Every run takes several in the same order, so that no two wait for each other.
   * @throws Refused where one is not free and the run does not wait
   */
  async take(logins: string[], wait: boolean, waiting: WaitingOn): Promise<void> {
    let longest: LockGranted = { granted: true };
    for (const login of logins.toSorted(byName)) {
      const granted = wait ? await this.awaited(login, waiting) : await this.atOnce(login);
      this.held.add(login);
      if ((granted.late?.forMs ?? 0) > (longest.late?.forMs ?? 0)) longest = granted;
    }
    await untilQuiet(longest, (what) => waiting(what, logins.join(', ')));
  }

  /**
   * Does `work` while it holds an organisation, however long it waits for it, and lets it go then. Whatever the order, no two runs wait for
   * each other where `work` waits for no other lock.
   */
  async hold(login: string, waiting: WaitingOn, work: () => Promise<void>): Promise<void> {
    await this.take([login], true, waiting);
    try {
      await work();
    } finally {
      await this.release(login);
    }
  }

  /** Lets all go, but those which somebody else of the run sees to from now on. */
  async letGo(theirs: (login: string) => boolean): Promise<void> {
    for (const login of this.held) if (theirs(login)) this.held.delete(login);
    await this.release();
  }

  async release(only?: string): Promise<void> {
    for (const login of this.held) {
      if (only !== undefined && !sameLogin(login, only)) continue;
      await releaseLock(this.owner(login), this.run);
      this.held.delete(login);
    }
  }

  private awaited(login: string, waiting: WaitingOn): Promise<LockGranted> {
    return awaitLock(this.owner(login), this.run, (what) => waiting(what, login));
  }

  private async atOnce(login: string): Promise<LockGranted> {
    const answer = await takeLock(this.owner(login), this.run);
    if (answer.granted) return answer;
    throw new Refused(
      'locked',
      `run ${answer.heldBy} is writing to ${login}; wait for it with --wait, or see \`orgsaga status ${answer.heldBy}\``,
    );
  }

  private owner(organization: string) {
    return { run: this.run, organization, settings: this.settings() };
  }
}

/** GitHub's logins do not differ by case, so neither may their order. */
function byName(left: string, right: string): number {
  return left.toLowerCase() < right.toLowerCase() ? -1 : 1;
}
