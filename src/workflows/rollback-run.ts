import { isCancellation, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { OpenedRollback, RollbackOrganization } from '../activities/rollback-interface.js';
import type { RunSettings } from '../config.js';
import { StepFailed } from '../transaction/failure.js';
import { ask, PERSISTENT, reasonOf } from './ask.js';
import { throwIfCancelled } from './cancelled.js';
import { ItemChildren } from './children.js';
import type { RunStatus } from './contract.js';
import { butFor } from './left.js';
import { DeadLetterDesk, kindOf } from './letters.js';
import { sameLogin } from './lock.js';
import { OperatorWait } from './operator-wait.js';
import { recordDecided } from './record.js';
import { Refused } from './refusals.js';
import { rollBack } from './rollback.js';
import type { RollbackInput } from './rollback-contract.js';
import { RollbackOrganizations } from './rollback-organizations.js';
import { restoreInput } from './rollback-page.js';
import { RollbackPages } from './rollback-pages.js';
import { Unbegun } from './rollback-unbegun.js';
import { RunCancel } from './run-cancel.js';
import { live } from './run-life.js';
import { RunLocks } from './run-locks.js';
import { handleMessages } from './run-messages.js';
import { RunStateKeeper } from './run-state.js';
import { undoEach, undoRun } from './run-undo.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';
import { orderOf } from './stages.js';
import { startUpSettings } from './start-up-settings.js';

type Opened = Extract<OpenedRollback, { opened: true }>;

/**
 * Takes back what a run has changed, by its records in the store: newest first, page by page, each item a transaction of this
 * run. What somebody changed since is left and listed. A run like any other: it can be watched, cancelled and rolled back.
 */
export function rollback(input: RollbackInput): Promise<RunStatus> {
  return new RollbackRun(input).run();
}

class RollbackRun {
  private readonly id = workflowInfo().workflowId;
  private readonly keeper: RunStateKeeper;
  private readonly children = new ItemChildren();
  private readonly cancel: RunCancel;
  private readonly locks = new RunLocks(this.id, () => this.settings);
  private settings: RunSettings = startUpSettings;
  private opened: Opened | null = null;
  private unbegun = new Unbegun([]);
  private readonly organizations: RollbackOrganizations;
  private desk: DeadLetterDesk | null = null;
  private readonly operator: OperatorWait;
  private undoing = false;

  constructor(private readonly input: RollbackInput) {
    const { of, actor } = input;
    this.keeper = new RunStateKeeper(
      { kind: 'rollback', organizations: [], actor, of },
      this.children.running,
    );
    this.organizations = new RollbackOrganizations(this.keeper, (one) => this.pagesOf(one));
    this.cancel = new RunCancel({
      state: () => this.keeper.state,
      begun: () => this.organizations.begun.length > 0,
      undoing: () => this.undoing,
      windDown: () => this.organizations.windDown(),
      close: () => this.ask('stopRun', { run: this.id }, 'Stop everything forward'),
    });
    this.operator = new OperatorWait(
      this.keeper,
      () => this.desk,
      () => this.cancel.keeps,
      () => this.record(false),
    );
    handleMessages({
      status: () => this.keeper.status(),
      cancel: (keep) => this.cancel.request(keep),
      settled: (settled) => recordDecided(settled, this.keeper, { run: this.id, settings: this.settings }),
      desk: () => this.desk,
      closed: () =>
        this.undoing || this.cancel.requested ? 'the rollback is being undone: run rolled back' : null,
    });
  }

  run(): Promise<RunStatus> {
    return live({
      forward: this.cancel.forward,
      open: () => this.open(),
      forwards: (opened) => this.forwards(opened),
      failed: (error) => this.failed(error),
      end: () => this.end(),
      status: () => this.keeper.status(),
    });
  }

  private async end(): Promise<void> {
    this.keeper.end();
    await this.locks.release();
    // What the store has under this id is another's where this one was not opened.
    if (this.opened !== null) await this.record(true);
  }

  private async forwards(opened: Opened): Promise<void> {
    const logins = opened.organizations.map(({ login }) => login);
    await this.locks.take(logins, this.input.wait, (what, on) =>
      this.keeper.set('Planning', `waiting for ${what} on ${on}`),
    );
    await this.closeOriginal();
    await this.record(false);
    await this.organizations.run(opened.organizations, opened.concurrency);
    await this.countUnbegun();
    // Retries that began meanwhile need the lock; the desk lets it go when the last one has ended.
    await this.desk?.alone(() => this.locks.letGo((login) => this.desk?.busyIn(login) === true));
    const deadlines = opened.organizations.map(({ deadlineMs }) => deadlineMs);
    await this.operator.untilSettled(Math.min(...deadlines, this.settings.dead_letter.deadline));
    await throwIfCancelled();
    if (this.cancel.keeps)
      this.keeper.set('Cancelled', 'stopped; what was put back is kept', 'cancelled with --keep');
    else this.keeper.set('Committed', `${this.input.of} is rolled back${this.leftOut()}`);
  }

  /** What was given up is not taken back; nor is what waits in a dead letter longer than this rollback does. */
  private leftOut(): string {
    const left = this.keeper.tally.deadLetters.size + (this.desk?.givenUp ?? 0);
    if (left > 0) this.keeper.leavesOut(left);
    return butFor(left);
  }

  private async open(): Promise<Opened> {
    const opened = await this.ask(
      'openRollback',
      { run: this.id, rollback: this.input },
      'Open the rollback',
    );
    if (!opened.opened) {
      this.keeper.instead = opened.instead ?? null;
      throw new Refused(opened.refusal, opened.reason);
    }
    this.opened = opened;
    this.settings = opened.settings;
    this.keeper.organizations = opened.organizations.map(({ login }) => login);
    this.unbegun = new Unbegun(this.keeper.organizations);
    const [first] = this.keeper.organizations;
    if (first !== undefined) upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.org, value: first }]);
    this.desk = new DeadLetterDesk(
      this.keeper,
      this.children,
      this.cancel.forward,
      (letter, login) =>
        restoreInput(this.ownerOf(opened, login), { item: letter.item, kind: kindOf(letter) }),
      this.settings,
      (login) => this.locks.holds(login),
      orderOf(this.id) === 'backward',
    );
    return opened;
  }

  /** The run that is taken back begins nothing any more, and its dead letters are closed. */
  private async closeOriginal(): Promise<void> {
    const { of, actor } = this.input;
    this.keeper.set('Planning', `closing ${of}`);
    let after: string | null = null;
    do {
      const page: { next: string | null } = await this.ask(
        'closeRolledBack',
        { run: this.id, of, actor, after },
        `Close ${of}`,
      );
      after = page.next;
    } while (after !== null);
  }

  private pagesOf({ login }: RollbackOrganization): RollbackPages {
    const { opened, keeper, unbegun } = this;
    if (opened === null) throw new Error('the rollback has not been opened');
    return new RollbackPages(
      keeper,
      { ...this.ownerOf(opened, login), concurrency: opened.concurrency },
      unbegun,
    );
  }

  private async failed(error: unknown): Promise<void> {
    this.undoing = true;
    if (error instanceof Refused) {
      this.keeper.refuse(error.refusal, error.message);
      return;
    }
    const cancelled = isCancellation(error);
    const reason = cancelled ? 'cancelled' : reasonOf(error);
    if (cancelled) await this.cancel.stop();
    if (!cancelled && !(error instanceof StepFailed)) this.keeper.addNote(`failed: ${reason}`);
    const says = {
      undoing: 'bringing back what was rolled back',
      undone: 'everything is as it was before',
    };
    const { keeper, locks, desk, operator } = this;
    await undoRun({ keeper, locks, desk, operator, says, undo: () => this.undo() }, cancelled, reason);
  }

  private async undo(): Promise<void> {
    const { opened, keeper, locks } = this;
    if (opened === null) return;
    const undo = ({ login }: RollbackOrganization) => this.undoOrganization(opened, login);
    await undoEach({ keeper, locks }, this.organizations.begun, undo, opened.concurrency === 1);
    await this.countUnbegun();
  }

  private countUnbegun(): Promise<void> {
    return this.unbegun.count({ run: this.id, settings: this.settings, keeper: this.keeper });
  }

  private undoOrganization(opened: Opened, login: string): Promise<void> {
    return rollBack({
      ...this.ownerOf(opened, login),
      keeper: this.keeper,
      children: this.children,
      concurrency: opened.concurrency,
      outcomes: ['committed'],
    });
  }

  private ownerOf({ graphql, organizations }: Opened, organization: string) {
    const told = organizations.find(({ login }) => sameLogin(login, organization));
    const max_retries = told?.maxRetries ?? this.settings.dead_letter.max_retries;
    const settings = { ...this.settings, dead_letter: { ...this.settings.dead_letter, max_retries } };
    return { run: this.id, organization, actor: this.input.actor, graphql, settings };
  }

  private record(ended: boolean): Promise<null> {
    const { state, totals } = this.keeper.status();
    return this.ask('recordRun', { run: this.id, state, totals, ended }, `Record ${state}`);
  }

  private ask: RollbackAsk = (activity, input, summary) =>
    ask(activity, input, {
      summary,
      settings: this.settings,
      usage: this.keeper.usage,
      retry: PERSISTENT,
    });
}

type RollbackAsk = <Name extends 'openRollback' | 'closeRolledBack' | 'recordRun' | 'stopRun'>(
  activity: Name,
  input: Parameters<typeof ask<Name>>[1],
  summary: string,
) => ReturnType<typeof ask<Name>>;
