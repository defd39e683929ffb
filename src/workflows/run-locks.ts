import type { RunSettings } from '../config.js';
import { awaitLock, releaseLock, takeLock, untilQuiet, type Waiting } from './lock.js';
import { Refused } from './refusals.js';

/** The organisations that a run holds, so that no other run writes to them. */
export class RunLocks {
  private readonly held = new Set<string>();

  constructor(
    private readonly run: string,
    private readonly settings: () => RunSettings,
  ) {}

  holds(login: string): boolean {
    return [...this.held].some((held) => held.toLowerCase() === login.toLowerCase());
  }

  /** Takes an organisation, or waits for it. @throws Refused where it is not free and the run does not wait */
  async take(login: string, wait: boolean, waiting: Waiting): Promise<void> {
    if (wait) return this.await(login, waiting);
    const answer = await takeLock(this.owner(login), this.run);
    if (!answer.granted) {
      throw new Refused(
        'locked',
        `run ${answer.heldBy} is writing to ${login}; wait for it with --wait, or see \`orgsaga status ${answer.heldBy}\``,
      );
    }
    this.held.add(login);
    await untilQuiet(answer, waiting);
  }

  /** Takes an organisation, however long that takes. */
  async await(login: string, waiting: Waiting): Promise<void> {
    const granted = await awaitLock(this.owner(login), this.run, waiting);
    this.held.add(login);
    await untilQuiet(granted, waiting);
  }

  /** Lets all go, but those which somebody else of the run sees to from now on. */
  async letGo(theirs: (login: string) => boolean): Promise<void> {
    for (const login of this.held) if (theirs(login)) this.held.delete(login);
    await this.release();
  }

  async release(): Promise<void> {
    for (const login of this.held) {
      await releaseLock(this.owner(login), this.run);
      this.held.delete(login);
    }
  }

  private owner(organization: string) {
    return { run: this.run, organization, settings: this.settings() };
  }
}
