import { CancellationScope, patched } from '@temporalio/workflow';
import type { RollbackOrganization } from '../activities/rollback-interface.js';
import { pool } from './pool.js';
import type { RollbackPages } from './rollback-pages.js';
import { AT_ONCE, phasesOf } from './run-organizations.js';
import type { RunStateKeeper } from './run-state.js';

/** Histories of older releases roll back one organisation after the other. */
const SIDE_BY_SIDE = 'rollback-side-by-side';

/** The organisations of a rollback, side by side: one that is down holds back none. One that fails ends all, to be undone. */
export class RollbackOrganizations {
  /** Those that may hold changes of this rollback, in the order in which they were begun. */
  readonly begun: RollbackOrganization[] = [];
  private readonly underWay = new Map<string, RollbackPages>();
  private stopped = false;

  constructor(
    private readonly keeper: Pick<RunStateKeeper, 'set'>,
    private readonly pagesOf: (organization: RollbackOrganization) => RollbackPages,
  ) {}

  /** @throws what failed first, when all that were begun have ended; Temporal's CancelledFailure */
  async run(organizations: readonly RollbackOrganization[], concurrency: number): Promise<void> {
    const sideBySide = organizations.length > 1 && concurrency > 1 && patched(SIDE_BY_SIDE);
    const queue = [...organizations];
    const failures: unknown[] = [];
    const scope = new CancellationScope();
    await scope.run(() =>
      pool(
        sideBySide ? AT_ONCE : 1,
        () => (this.stopped || failures.length > 0 ? null : (queue.shift() ?? null)),
        async (one) => {
          try {
            await this.one(one);
          } catch (error) {
            failures.push(error);
            scope.cancel();
          }
        },
      ),
    );
    if (failures.length > 0) throw failures[0];
  }

  /** Lets what is under way come to its end, and nothing more begin. */
  windDown(): void {
    this.stopped = true;
    for (const pages of this.underWay.values()) void pages.stop();
  }

  private async one(one: RollbackOrganization): Promise<void> {
    const pages = this.pagesOf(one);
    this.begun.push(one);
    this.underWay.set(one.login, pages);
    this.show();
    try {
      await pages.run();
    } finally {
      this.underWay.delete(one.login);
      if (this.underWay.size > 0) this.show();
    }
  }

  private show(): void {
    this.keeper.set('Running', phasesOf([...this.underWay.keys()].map((login) => `rolling back ${login}`)));
  }
}
