import { type CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { LockGranted } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import { releaseLock, takeLock, untilQuiet } from './lock.js';

/** The organisations' locks as retries of dead letters need them: each is held only while a retry is under way. */
export class LetterLocks {
  /** By organisation, from when on retries may begin there: what was lost before may still come through. */
  private readonly quiet = new Map<string, Promise<void>>();
  /** By organisation, for a person, what its retries wait for. */
  private readonly waiting = new Map<string, string>();

  constructor(
    private readonly scope: CancellationScope,
    private readonly settings: RunSettings,
  ) {}

  /** What its retries wait for, for a person. */
  get waits(): string[] {
    return [...this.waiting.values()];
  }

  /** Null when the run holds the organisation now; otherwise why not. */
  async take(organization: string): Promise<string | null> {
    const answer = await takeLock(this.owner(organization), workflowInfo().workflowId);
    if (answer.granted) this.waitIn(organization, answer);
    return answer.granted
      ? null
      : `run ${answer.heldBy} is writing to ${organization}; retry when it is at rest`;
  }

  release(organization: string): Promise<unknown> {
    return releaseLock(this.owner(organization), workflowInfo().workflowId);
  }

  /** Resolves when a retry may begin there. @throws Temporal's CancelledFailure */
  async untilQuiet(organization: string): Promise<void> {
    await this.quiet.get(organization.toLowerCase());
  }

  private waitIn(organization: string, granted: LockGranted): void {
    const key = organization.toLowerCase();
    const quiet = this.scope.run(async () => {
      try {
        await untilQuiet(granted, (what) => {
          this.waiting.set(key, `waiting for ${what} on ${organization}`);
        });
      } finally {
        this.waiting.delete(key);
      }
    });
    // Whoever waits for it hears of a cancel.
    quiet.catch(() => undefined);
    this.quiet.set(key, quiet);
  }

  private owner(organization: string) {
    return { run: workflowInfo().workflowId, organization, settings: this.settings };
  }
}
