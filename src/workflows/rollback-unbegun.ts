import { CancellationScope } from '@temporalio/workflow';
import { StepFailed } from '../transaction/failure.js';
import { ask, PERSISTENT, reasonOf } from './ask.js';
import type { RollbackPageInput } from './rollback-contract.js';
import type { RunStateKeeper } from './run-state.js';

/** Where in each organisation the items begin that no page of a rollback has taken up yet. */
export class Unbegun {
  private readonly from = new Map<string, number | null>();

  constructor(organizations: readonly string[]) {
    for (const login of organizations) this.from.set(login, null);
  }

  /** A page has taken up its items; `next` is where the next one begins, null after the last. */
  begun(organization: string, next: number | null): void {
    if (next === null) this.from.delete(organization);
    else this.from.set(organization, next);
  }

  /** Counts the repositories that are left as cancelled, once: every one of a rollback is in a total (G3). Not cancellable. */
  async count(of: Pick<RollbackPageInput, 'run' | 'settings'> & { keeper: RunStateKeeper }): Promise<void> {
    try {
      await CancellationScope.nonCancellable(async () => {
        for (const organization of this.from.keys())
          while (this.from.has(organization)) await this.countPage(of, organization);
      });
    } catch (error) {
      // A figure is not worth the run.
      if (!(error instanceof StepFailed)) throw error;
      of.keeper.addNote(`repositories that were not begun could not be counted: ${reasonOf(error)}`);
    }
  }

  private async countPage(
    { run, settings, keeper }: Parameters<Unbegun['count']>[0],
    organization: string,
  ): Promise<void> {
    const { repositories, next } = await ask(
      'countRollback',
      { run, organization, after: this.from.get(organization) ?? null },
      { summary: `What of ${organization} was not begun`, settings, usage: keeper.usage, retry: PERSISTENT },
    );
    keeper.tally.totals.repositories += repositories;
    keeper.tally.totals.cancelled += repositories;
    this.begun(organization, next);
    keeper.show();
  }
}
