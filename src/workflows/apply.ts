import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { OrganizationSummary } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import { concurrencyOf } from '../policies/strategies.js';
import { StepFailed } from '../transaction/failure.js';
import { Approval } from './approval.js';
import { ask, PERSISTENT, reasonOf } from './ask.js';
import { throwIfCancelled } from './cancelled.js';
import { ItemChildren } from './children.js';
import type { ApplyInput, RunStatus } from './contract.js';
import { DeadLetterDesk, kindOf } from './letters.js';
import { OperatorWait } from './operator-wait.js';
import { OrganizationRun, type OrganizationVoice, summaryOf } from './organization.js';
import { recordDecided } from './record.js';
import { DoneBefore, OrganizationFailed, Refused } from './refusals.js';
import { rollBack } from './rollback.js';
import { RunCancel } from './run-cancel.js';
import { live } from './run-life.js';
import { RunLocks } from './run-locks.js';
import { handleMessages } from './run-messages.js';
import { RunOrganizations } from './run-organizations.js';
import { RunStateKeeper } from './run-state.js';
import { undoEach, undoRun } from './run-undo.js';
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
  private readonly cancel: RunCancel;
  private readonly locks = new RunLocks(this.id, () => this.settings);
  private settings: RunSettings = startUpSettings;
  private organizations: OrganizationSummary[] = [];
  private parts: RunOrganizations | null = null;
  private desk: DeadLetterDesk | null = null;
  private readonly operator: OperatorWait;
  private undoing = false;

  constructor(private readonly input: ApplyInput) {
    const organizations = input.document.organizations.map(({ login }) => login);
    this.keeper = new RunStateKeeper(
      { kind: 'apply', organizations, actor: input.actor },
      this.children.running,
    );
    this.cancel = new RunCancel({
      state: () => this.keeper.state,
      begun: () => this.begun.length > 0,
      undoing: () => this.undoing,
      windDown: () => this.parts?.windDown(),
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
        this.undoing || this.cancel.requested ? 'the run is being undone: run rolled back' : null,
    });
  }

  run(): Promise<RunStatus> {
    return live({
      forward: this.cancel.forward,
      open: () => this.open(),
      forwards: () => this.forwards(),
      failed: (error) => this.failed(error),
      end: () => this.end(),
      status: () => this.keeper.status(),
    });
  }

  private async end(): Promise<void> {
    this.keeper.end();
    await this.locks.release();
    // What the store has under this id is another's where this one was not opened.
    if (this.desk !== null) await this.record(true);
  }

  private async forwards(): Promise<void> {
    // All are locked and planned before the first write, so that a refusal of one finds nothing done to another.
    await this.lock(this.input.options.wait);
    const parts = this.organizationsOf();
    this.parts = parts;
    const all = this.organizations.some(({ approval }) => approval);
    await parts.plan(all);
    await this.record(false);
    if (all && (await this.approved())) await parts.plan(all);
    await parts.apply();
    parts.countUnbegun();
    // Retries that began meanwhile need the lock; the desk lets it go when the last one has ended.
    await this.desk?.alone(() => this.locks.letGo((login) => this.desk?.busyIn(login) === true));
    await this.operator.untilSettled(Math.min(...this.organizations.map(({ deadlineMs }) => deadlineMs)));
    await throwIfCancelled();
    if (this.cancel.keeps)
      this.keeper.set('Cancelled', 'stopped; what was done is kept', 'cancelled with --keep');
    else this.keeper.set('Committed', 'done');
  }

  private organizationsOf(): RunOrganizations {
    return new RunOrganizations({
      summaries: this.organizations,
      make: (summary, voice) => this.organizationRun(summary, voice),
      keeper: this.keeper,
      sequential: this.input.options.strategy === 'sequential',
      stopped: () => this.cancel.keeps,
      neverBegun: (repositories) => {
        this.keeper.tally.totals.cancelled += repositories;
        this.keeper.tally.totals.repositories += repositories;
      },
    });
  }

  private get begun(): readonly OrganizationSummary[] {
    return this.parts?.begun ?? [];
  }

  /** Waits for an approval; false where there is nothing to approve. The lock is free meanwhile. */
  private approved(): Promise<boolean> {
    const { input, keeper, settings, id: run } = this;
    const approval = new Approval({ run, input, organizations: this.organizations, keeper, settings });
    return approval.given(
      () => this.locks.release(),
      () => this.lock(true),
    );
  }

  private async open(): Promise<void> {
    const opened = await this.ask('openRun', { run: this.id, apply: this.input }, 'Open the run');
    if (opened.opened === 'before') throw new DoneBefore(opened.state, opened.totals, opened.reason);
    if (!opened.opened) throw new Refused(opened.refusal, opened.reason);
    this.settings = opened.settings;
    this.organizations = opened.organizations;
    this.desk = new DeadLetterDesk(
      this.keeper,
      this.children,
      this.cancel.forward,
      (letter, login) =>
        this.organizationRun(summaryOf(this.organizations, login)).itemInput(
          kindOf(letter),
          letter.item,
          null,
          0,
        ),
      this.settings,
      (login) => this.locks.holds(login),
    );
  }

  private async failed(error: unknown): Promise<void> {
    this.undoing = true;
    if (error instanceof DoneBefore) {
      Object.assign(this.keeper.tally.totals, error.totals);
      this.keeper.set(error.state, 'done before, under the same request key', error.message);
      return;
    }
    if (error instanceof Refused) {
      this.keeper.refuse(error.refusal, error.message);
      return;
    }
    this.parts?.countUnbegun();
    const cancelled = isCancellation(error);
    const reason = cancelled ? 'cancelled' : reasonOf(error);
    if (cancelled) await this.cancel.stop();
    if (!cancelled && !(error instanceof OrganizationFailed) && !(error instanceof StepFailed)) {
      // A bug, or a page that could not be read: what is done is undone all the same, and the reason is kept.
      this.keeper.addNote(`failed: ${reason}`);
    }
    const undone = this.begun.length === 0 ? 'nothing had been done' : 'what the run had done is undone';
    const says = { undoing: 'undoing what the run has done', undone };
    const { keeper, locks, desk, operator } = this;
    await undoRun({ keeper, locks, desk, operator, says, undo: () => this.undo() }, cancelled, reason);
  }

  private undo(): Promise<void> {
    const { keeper, locks } = this;
    const sequential = this.input.options.strategy === 'sequential';
    const undo = (organization: OrganizationSummary) => this.undoOrganization(organization);
    return undoEach({ keeper, locks }, this.begun, undo, sequential);
  }

  private undoOrganization({ login, onFailure }: OrganizationSummary): Promise<void> {
    return rollBack({
      run: this.id,
      organization: login,
      actor: this.input.actor,
      graphql: this.input.options.graphql,
      settings: this.settings,
      keeper: this.keeper,
      children: this.children,
      concurrency: concurrencyOf(this.input.options, this.settings),
      // A dead letter holds finished steps in checkpoint mode only.
      outcomes: onFailure === 'checkpoint' ? ['deadLettered', 'committed'] : ['committed'],
    });
  }

  private lock(wait: boolean): Promise<void> {
    const logins = this.organizations.map(({ login }) => login);
    return this.locks.take(logins, wait, (what, on) =>
      this.keeper.set('Planning', `waiting for ${what} on ${on}`),
    );
  }

  private record(ended: boolean): Promise<null> {
    const { state, totals } = this.keeper.status();
    return this.ask('recordRun', { run: this.id, state, totals, ended }, `Record ${state}`);
  }

  private ask: RunAsk = (activity, input, summary) =>
    ask(activity, input, { summary, settings: this.settings, usage: this.keeper.usage, retry: PERSISTENT });

  private organizationRun(summary: OrganizationSummary, voice?: OrganizationVoice): OrganizationRun {
    const settings = {
      ...this.settings,
      dead_letter: { ...this.settings.dead_letter, max_retries: summary.maxRetries },
    };
    return new OrganizationRun(
      this.id,
      this.input,
      summary,
      settings,
      this.keeper,
      this.children,
      () => this.cancel.keeps,
      voice,
    );
  }
}

type RunAsk = <Name extends 'openRun' | 'recordRun' | 'stopRun'>(
  activity: Name,
  input: Parameters<typeof ask<Name>>[1],
  summary: string,
) => ReturnType<typeof ask<Name>>;
