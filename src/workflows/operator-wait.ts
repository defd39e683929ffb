import { CancellationScope, condition } from '@temporalio/workflow';
import { later } from './cancelled.js';
import type { DeadLetterDesk } from './letters.js';
import type { RunStateKeeper } from './run-state.js';

/** The part of a run's life in which it is at rest and waits for a person. */
export class OperatorWait {
  private overdue = false;

  constructor(
    private readonly keeper: RunStateKeeper,
    private readonly desk: () => DeadLetterDesk | null,
    /** Whether a person has let the run go as it is. */
    private readonly kept: () => boolean,
    /** Records the run's state and figures. */
    private readonly record: () => Promise<unknown>,
  ) {}

  /** Until nothing waits for a person any more or the deadline has passed; parked compensations know no deadline. */
  async untilSettled(deadlineMs: number): Promise<void> {
    const { tally } = this.keeper;
    const waits = (): boolean => !this.kept() && (tally.deadLetters.size > 0 || tally.parked.size > 0);
    const ordered = (): boolean => this.busy || this.desk()?.answering === true;
    if (!waits() && !ordered()) return;
    this.keeper.setDeadline(new Date(Date.now() + deadlineMs));
    const deadline = new CancellationScope();
    await deadline.run(async () =>
      later(deadlineMs, () => {
        this.overdue = true;
      }),
    );
    await this.record();
    while (waits() || ordered()) {
      this.show();
      if (this.overdue && !ordered() && tally.parked.size === 0) break;
      const seen = this.signature();
      await condition(() => this.signature() !== seen);
    }
    deadline.cancel();
    this.keeper.setDeadline(null);
  }

  /** Until every parked compensation of a run that is undone has been decided. */
  async untilDecided(): Promise<void> {
    this.keeper.set('Parked', 'a compensation waits for a person');
    await this.record();
    await condition(() => this.keeper.tally.parked.size === 0);
  }

  private get busy(): boolean {
    return this.desk()?.busy === true;
  }

  private show(): void {
    const { deadLetters, parked } = this.keeper.tally;
    if (this.busy) this.keeper.set('Running', this.desk()?.phase ?? '');
    else if (parked.size > 0) this.keeper.set('Parked', `${parked.size} compensations wait for a person`);
    else this.keeper.set('AwaitingOperator', `${deadLetters.size} dead letters wait for a person`);
  }

  /** Changes whenever something happens that the waiting run has to look at. */
  private signature(): string {
    const { deadLetters, parked } = this.keeper.tally;
    const { phase = '', answering = false } = this.desk() ?? {};
    return `${deadLetters.size} ${parked.size} ${this.busy} ${answering} ${this.kept()} ${this.overdue} ${phase}`;
  }
}
