import { condition, setHandler } from '@temporalio/workflow';
import type { OrganizationSummary } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import type { PageCursor } from '../standards/model.js';
import type { PlanIdentity } from '../store/store.js';
import { ask, PERSISTENT } from './ask.js';
import { throwIfCancelled } from './cancelled.js';
import { type ApplyInput, type ApprovalPlan, approveUpdate } from './contract.js';
import { Refused, refusing } from './refusals.js';
import type { RunStateKeeper } from './run-state.js';

/** Lines that a status carries; the whole plan is `orgsaga plan`'s to show. */
const MOST_SHOWN = 100;

/** What an approval has to know of its run. */
export interface ApprovalOf {
  run: string;
  /** Its actor asked for the run, and so cannot approve it. */
  input: Pick<ApplyInput, 'actor' | 'options'>;
  organizations: OrganizationSummary[];
  keeper: RunStateKeeper;
  settings: RunSettings;
}

/**
 * Lets a run wait for somebody else than who asked: everything is planned, shown by its hash, and planned again after the
 * approval; another hash ends the run before its first write.
 */
export class Approval {
  private plan: ApprovalPlan | null = null;
  private open = false;
  private readonly shown: string[] = [];

  constructor(private readonly of: ApprovalOf) {
    setHandler(
      approveUpdate,
      ({ actor }) => {
        if (this.plan === null) throw new Error('there is no plan yet');
        this.plan = { ...this.plan, approvedBy: actor };
        this.show();
        return this.plan;
      },
      {
        validator: (request) => this.check(request?.actor, request?.plan ?? null),
        description: 'Approve the plan that waits; by somebody else than who asked for the run.',
      },
    );
  }

  /**
   * Waits for the approval; false where there is nothing to approve.
   * @throws Refused where nobody approves in time, or what would be applied then is not what was approved
   */
  async given(unlock: () => Promise<void>, lock: () => Promise<void>): Promise<boolean> {
    const { hash, items, changes } = await refusing(() => this.identify(1));
    if (changes === 0) return false;
    this.plan = { hash, items, changes, approvedBy: null, shown: this.shown };
    await unlock();
    await this.wait(items, changes);
    await this.ask('recordApproval', { run: this.of.run, hash, actor: this.approvedBy ?? '' });
    await lock();
    this.of.keeper.set('Planning', `planning again what ${this.approvedBy} approved`);
    if ((await refusing(() => this.identify(2))).hash === hash) return true;
    throw new Refused(
      'approval',
      'the plan has changed since it was approved, so nothing was applied; apply the file again for a new approval',
    );
  }

  private async wait(items: number, changes: number): Promise<void> {
    const { keeper, organizations } = this.of;
    const deadlineMs = Math.min(...organizations.map((one) => one.deadlineMs));
    this.open = true;
    keeper.setDeadline(new Date(Date.now() + deadlineMs));
    keeper.set('AwaitingApproval', `${changes} changes to ${items} items wait for an approval`);
    this.show();
    const approved = await condition(() => this.approvedBy !== null, deadlineMs);
    this.open = false;
    keeper.setDeadline(null);
    await throwIfCancelled();
    if (!approved) throw new Refused('approval', 'nobody approved the plan in time; apply the file again');
  }

  private get approvedBy(): string | null {
    return this.plan?.approvedBy ?? null;
  }

  private check(actor: unknown, plan: unknown): void {
    if (typeof actor !== 'string' || actor.trim() === '') throw new Error('an approval needs its actor');
    if (this.approvedBy !== null) throw new Error(`the plan was approved by ${this.approvedBy} already`);
    if (!this.open) throw new Error('no plan waits for an approval');
    if (sameActor(actor, this.of.input.actor))
      throw new Error(`${actor} asked for this run, so somebody else has to approve it (ORGSAGA_ACTOR)`);
    if (plan !== null && plan !== this.plan?.hash)
      throw new Error(`another plan waits: ${this.plan?.hash}; look at it before you approve it`);
  }

  private async identify(round: number): Promise<PlanIdentity> {
    const { run, organizations, input } = this.of;
    const { graphql } = input.options;
    await this.ask('beginPlan', { run, round });
    for (const { login: organization } of organizations) {
      let cursor: PageCursor | null = null;
      do {
        const page: { next: PageCursor | null; shown: string[] } = await this.ask('planForApproval', {
          run,
          organization,
          graphql,
          cursor,
          round,
        });
        if (round === 1) this.shown.push(...page.shown.slice(0, MOST_SHOWN - this.shown.length));
        cursor = page.next;
      } while (cursor !== null);
    }
    return this.ask('identifyPlan', { run, round });
  }

  private show(): void {
    this.of.keeper.setPlan(this.plan);
  }

  private ask: ApprovalAsk = (activity, input) =>
    ask(activity, input, {
      summary: SUMMARIES[activity],
      settings: this.of.settings,
      usage: this.of.keeper.usage,
      retry: PERSISTENT,
    });
}

/** Names that a person would read as one. */
const sameActor = (left: string, right: string): boolean =>
  left.trim().toLowerCase() === right.trim().toLowerCase();

type Activity = 'beginPlan' | 'planForApproval' | 'identifyPlan' | 'recordApproval';

const SUMMARIES: Record<Activity, string> = {
  beginPlan: 'Begin a plan',
  planForApproval: 'Plan a page for the approval',
  identifyPlan: 'Hash of the plan',
  recordApproval: 'Record who approved',
};

type ApprovalAsk = <Name extends Activity>(
  activity: Name,
  input: Parameters<typeof ask<Name>>[1],
) => ReturnType<typeof ask<Name>>;
