import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrganizationSummary } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import { StepFailed } from '../transaction/failure.js';
import { ask, PERSISTENT, reasonOf } from './ask.js';
import { ItemChildren } from './children.js';
import {
  type ApplyInput,
  cancelSignal,
  cancelUpdate,
  discardSignal,
  discardUpdate,
  itemSettledSignal,
  type RunStatus,
  retrySignal,
  retryUpdate,
  statusQuery,
} from './contract.js';
import { DeadLetterDesk, kindOf, MOST_ITEMS } from './letters.js';
import { awaitLock, releaseLock, takeLock } from './lock.js';
import { concurrencyOf, OrganizationRun } from './organization.js';
import { OrganizationFailed, Refused } from './refusals.js';
import { rollBack } from './rollback.js';
import { RunStateKeeper } from './run-state.js';
import { startUpSettings } from './start-up-settings.js';

/**
 * Applies a standards file: one durable run over its organisations, each a nested transaction with its items nested in
 * it. Stays open while dead letters or parked compensations wait for a person; its result is its last status.
 */
export async function apply(input: ApplyInput): Promise<RunStatus> {
  const run = new ApplyRun(input);
  return run.run();
}

class ApplyRun {
  private readonly id = workflowInfo().workflowId;
  private readonly keeper: RunStateKeeper;
  private readonly children = new ItemChildren();
  /** Everything forward runs in here; a cancel ends it, and the compensation outside it goes on. */
  private readonly forward = new CancellationScope();
  private readonly locked = new Set<string>();
  private settings: RunSettings = startUpSettings;
  private organizations: OrganizationSummary[] = [];
  /** Organisations that may hold changes of this run, in the order in which they were begun. */
  private readonly begun: OrganizationSummary[] = [];
  private current: OrganizationRun | null = null;
  private desk: DeadLetterDesk | null = null;
  private keep = false;
  private cancelRequested = false;

  constructor(private readonly input: ApplyInput) {
    this.keeper = new RunStateKeeper(input);
    this.handleMessages();
  }

  async run(): Promise<RunStatus> {
    try {
      await this.forward.run(() => this.forwards());
    } catch (error) {
      await CancellationScope.nonCancellable(() => this.failed(error));
    }
    this.keeper.end();
    await CancellationScope.nonCancellable(async () => {
      await this.release();
      await this.record(true);
      await condition(allHandlersFinished);
    });
    return this.keeper.status();
  }

  private async forwards(): Promise<void> {
    await this.open();
    for (const summary of this.organizations) {
      await this.organization(summary);
      if (this.cancelRequested) break;
    }
    if (this.desk?.busy === true) {
      // Retries that began meanwhile need the locks; the desk lets them go when the last one has ended.
      this.locked.clear();
    }
    await this.release();
    await this.awaitOperator();
    if (this.keep) this.keeper.set('Cancelled', 'stopped; what was done is kept', 'cancelled with --keep');
    else this.keeper.set('Committed', 'done');
  }

  private async open(): Promise<void> {
    const opened = await this.ask('openRun', { run: this.id, apply: this.input }, 'Open the run');
    if (!opened.opened) throw new Refused(opened.refusal, opened.reason);
    this.settings = opened.settings;
    this.organizations = opened.organizations;
    this.desk = new DeadLetterDesk(
      this.keeper,
      this.children,
      this.forward,
      (letter, login) =>
        this.organizationRun(this.summaryOf(login)).itemInput(kindOf(letter), letter.item, null, 0),
      this.settings,
      () => this.locked.size > 0,
    );
  }

  /** One organisation's transaction; its failure undoes it and leaves the others. */
  private async organization(summary: OrganizationSummary): Promise<void> {
    await this.lock(summary.login);
    const organization = this.organizationRun(summary);
    this.current = organization;
    const plan = await organization.plan();
    await this.record(false);
    this.begun.push(summary);
    try {
      await organization.apply(plan);
    } finally {
      const unread = organization.pages.unread();
      this.keeper.tally.totals.cancelled += unread;
      this.keeper.tally.totals.repositories += unread;
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (error instanceof Refused) {
      this.keeper.refuse(error.refusal, error.message);
      return;
    }
    const cancelled = isCancellation(error);
    const reason = cancelled ? 'cancelled' : reasonOf(error);
    if (!cancelled && !(error instanceof OrganizationFailed) && !(error instanceof StepFailed)) {
      // A bug, or a page that could not be read: what is done is undone all the same, and the reason is kept.
      this.keeper.addNote(`failed: ${reason}`);
    }
    this.keeper.set('Compensating', 'undoing what the run has done', reason);
    await this.desk?.settled();
    for (const organization of this.begun.toReversed()) {
      await this.undoOrganization(organization);
    }
    await this.closeLetters();
    await this.release();
    if (this.keeper.tally.parked.size > 0) {
      await this.awaitParked();
    }
    this.keeper.set(cancelled ? 'Cancelled' : 'RolledBack', 'what the run had done is undone', reason);
  }

  private async undoOrganization({ login, onFailure }: OrganizationSummary): Promise<void> {
    await awaitLock(this.lockOwner(login), this.id, (heldBy) =>
      this.keeper.set('Compensating', `waiting for run ${heldBy} to undo`),
    );
    this.locked.add(login);
    await rollBack({
      run: this.id,
      organization: login,
      input: this.input,
      settings: this.settings,
      keeper: this.keeper,
      children: this.children,
      concurrency: concurrencyOf(this.input, this.settings),
      // A dead letter holds finished steps in checkpoint mode only.
      outcomes: onFailure === 'checkpoint' ? ['committed', 'deadLettered'] : ['committed'],
    });
  }

  /** Dead letters of a run that is undone are closed, so that nobody retries what no longer belongs to anything. */
  private async closeLetters(): Promise<void> {
    const { totals, deadLetters } = this.keeper.tally;
    while (deadLetters.size > 0) {
      await this.desk?.discard([], 'orgsaga', 'run rolled back');
    }
    totals.rolledBack += totals.deadLettered;
    totals.deadLettered = 0;
  }

  /** At rest with the lock free, until nothing waits for a person any more or the deadline has passed. */
  private async awaitOperator(): Promise<void> {
    const { tally } = this.keeper;
    const waits = (): boolean => !this.keep && (tally.deadLetters.size > 0 || tally.parked.size > 0);
    if (!waits()) return;
    const deadlineMs = Math.min(...this.organizations.map((organization) => organization.deadlineMs));
    const deadline = Date.now() + deadlineMs;
    this.keeper.setDeadline(new Date(deadline));
    await this.record(false);
    while (waits() || this.desk?.busy === true) {
      this.showWaiting();
      const left = deadline - Date.now();
      const busy = this.desk?.busy === true;
      const seen = this.signature();
      if (left <= 0 && !busy && tally.parked.size === 0) break;
      if (left > 0) await condition(() => this.signature() !== seen, left);
      else await condition(() => this.signature() !== seen);
    }
    this.keeper.setDeadline(null);
  }

  private async awaitParked(): Promise<void> {
    this.keeper.set('Parked', 'a compensation waits for a person');
    await this.record(false);
    await condition(() => this.keeper.tally.parked.size === 0);
  }

  private showWaiting(): void {
    const { deadLetters, parked } = this.keeper.tally;
    if (this.desk?.busy === true) this.keeper.set('Running', 'retrying dead letters');
    else if (parked.size > 0) this.keeper.set('Parked', `${parked.size} compensations wait for a person`);
    else this.keeper.set('AwaitingOperator', `${deadLetters.size} dead letters wait for a person`);
  }

  /** Changes whenever something happens that the waiting run has to look at. */
  private signature(): string {
    const { deadLetters, parked } = this.keeper.tally;
    return `${deadLetters.size} ${parked.size} ${this.desk?.busy} ${this.keep}`;
  }

  private async lock(login: string): Promise<void> {
    const owner = this.lockOwner(login);
    if (this.input.options.wait) {
      await awaitLock(owner, this.id, (heldBy) =>
        this.keeper.set('Planning', `waiting for run ${heldBy} on ${login}`),
      );
    } else {
      const answer = await takeLock(owner, this.id);
      if (!answer.granted) {
        throw new Refused(
          'locked',
          `run ${answer.heldBy} is writing to ${login}; wait for it with --wait, or see \`orgsaga status ${answer.heldBy}\``,
        );
      }
    }
    this.locked.add(login);
  }

  private async release(): Promise<void> {
    for (const login of [...this.locked]) {
      await releaseLock(this.lockOwner(login), this.id);
      this.locked.delete(login);
    }
  }

  private record(ended: boolean): Promise<null> {
    const { state, totals } = this.keeper.status();
    return this.ask('recordRun', { run: this.id, state, totals, ended }, `Record ${state}`);
  }

  private ask: RunAsk = (activity, input, summary) =>
    ask(activity, input, { summary, settings: this.settings, usage: this.keeper.usage, retry: PERSISTENT });

  private lockOwner(organization: string) {
    return { run: this.id, organization, settings: this.settings };
  }

  private organizationRun(summary: OrganizationSummary): OrganizationRun {
    const settings = {
      ...this.settings,
      dead_letter: { ...this.settings.dead_letter, max_retries: summary.maxRetries },
    };
    return new OrganizationRun(this.id, this.input, summary, settings, this.keeper, this.children);
  }

  private summaryOf(login: string): OrganizationSummary {
    const summary = this.organizations.find(
      (organization) => organization.login.toLowerCase() === login.toLowerCase(),
    );
    if (summary === undefined) throw new Error(`no organisation ${login} in this run`);
    return summary;
  }

  private handleMessages(): void {
    setHandler(statusQuery, () => this.keeper.status());
    setHandler(itemSettledSignal, (result) => this.keeper.settleParked(result));

    const cancel = ({ keep = false }: { keep?: boolean } = {}): void => {
      this.cancelRequested = true;
      if (keep) {
        this.keep = true;
        void this.current?.pages.stop();
      } else if (!this.keep) {
        this.forward.cancel();
      }
    };
    setHandler(cancelSignal, cancel);
    setHandler(cancelUpdate, (request) => {
      const accepted = !this.cancelRequested;
      cancel(request);
      return { accepted, state: this.keeper.state };
    });

    setHandler(retrySignal, async (items) => void (await this.desk?.retry(items ?? [])));
    setHandler(
      retryUpdate,
      async ({ items }) => (await this.desk?.retry(items)) ?? { accepted: [], refused: [] },
      {
        validator: ({ items }) => this.checkItems(items),
      },
    );
    setHandler(
      discardSignal,
      async ({ items, actor, reason } = {}) =>
        void (await this.desk?.discard(items ?? [], actor ?? 'signal', reason ?? 'discarded by signal')),
    );
    setHandler(
      discardUpdate,
      async ({ items, actor, reason }) =>
        (await this.desk?.discard(items, actor, reason)) ?? { accepted: [], refused: [] },
      { validator: ({ items }) => this.checkItems(items) },
    );
  }

  private checkItems(items: string[]): void {
    if (!Array.isArray(items)) throw new Error('items must be an array of owner/name');
    if (items.length > MOST_ITEMS) throw new Error(`one Update takes ${MOST_ITEMS} items at most`);
    if (this.desk === null) throw new Error('the run is still being opened');
    if (this.cancelRequested || this.keeper.state === 'Compensating')
      throw new Error('the run is being undone: run rolled back');
  }
}

type RunAsk = <Name extends 'openRun' | 'recordRun'>(
  activity: Name,
  input: Parameters<typeof ask<Name>>[1],
  summary: string,
) => ReturnType<typeof ask<Name>>;
