import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Activities, LateCalls, OrganizationPlan, PlanInput } from '../../src/activities/interface.js';
import type { RunSettings } from '../../src/config.js';
import type { Change, PlannedItem } from '../../src/standards/model.js';
import type { ItemOutcome, ItemRecord, PlanIdentity } from '../../src/store/store.js';
import type { Answer } from '../../src/transaction/answer.js';
import type { Refusal, StepInput, Totals } from '../../src/workflows/contract.js';
import { done, failure, waiting } from './answers.js';
import { driftActivities } from './fake-drift.js';
import { inverse, rollbackActivities } from './fake-rollback.js';

/** What becomes of one call of an activity. `leaked` is applied and reported as lost; `silent` is never answered. */
export type Fate =
  | 'ok'
  | 'refused'
  | 'unauthenticated'
  | 'unavailable'
  | 'leaked'
  | 'conflict'
  | 'unchanged'
  | 'silent'
  | { notYet: number }
  | { until: Promise<unknown>; after?: Fate };

export const SETTINGS: RunSettings = {
  retry: {
    aggressive: { max_retries: 2, base: 2_000, factor: 2, max: 60_000 },
    conservative: { max_retries: 1, base: 1_000, factor: 2, max: 10_000 },
  },
  activity: { start_to_close: 30_000, heartbeat: 30_000, settle: 60_000, read_lag: 10_000 },
  batch: { page: 100, size: 50, concurrency: 50, coalesce_max_wait: 500, coalesce_max: 20 },
  dead_letter: { max_retries: 1, deadline: 86_400_000 },
};

/** A repository with one step a name: `settings`, `topics` and the like side by side, `files/...` before them in order. */
export function repository(item: string, steps: string[] = ['settings']): PlannedItem {
  const [owner = '', name = ''] = item.split('/');
  const target = { owner, name, id: 7, node_id: 'R_7', default_branch: 'main' };
  return { item, kind: 'repository', target, changes: steps.map(changeOf) };
}

export function organizationSettings(login: string): PlannedItem {
  const planned = repository(`${login}/settings`);
  const changes = planned.changes.map((change) => ({ ...change, kind: 'organization_settings' as const }));
  return { ...planned, kind: 'organization', changes };
}

function changeOf(step: string): Change {
  const values = { key: '', action: 'update' as const, before: 'before', after: 'after' };
  if (step.startsWith('files/')) return { step, kind: 'file', via: 'commit', ...values };
  return { step, kind: step === 'topics' ? 'topics' : 'repository_settings', ...values };
}

/** What a workflow meets: GitHub, store and locks in one, told beforehand what goes wrong. */
export class FakeWorld {
  settings = structuredClone(SETTINGS);
  organizations = ['acme'];
  onFailure: 'rollback' | 'checkpoint' = 'rollback';
  pages: PlannedItem[][] = [[]];
  inSync = 0;
  before: PlannedItem[] = [];
  after: PlannedItem[] = [];
  problems: string[] = [];
  /** The plans that rounds of planning find, in turn; null where nobody has to approve. */
  approval: PlanIdentity[] | null = null;
  removals: { removed: number; existing: number } | null = null;
  refusal: Refusal | null = null;
  /** By `do acme/api settings`, `undo acme/api settings` or an activity's name; a list is used up, one fate stays. */
  readonly fates = new Map<string, Fate | Fate[]>();
  /** Acts that were begun, in order, as in `fates`. */
  readonly log: string[] = [];
  /** The server's clock, which skips; epoch milliseconds. */
  time: () => Promise<number> = async () => 0;
  /** When each act began, and the attempt that Temporal counted. */
  readonly tries: { act: string; attempt: number; at: number }[] = [];
  readonly values = new Map<string, string>();
  readonly locks = new Map<string, string>();
  /** Repositories that are archived since they were first read. */
  readonly archived = new Set<string>();
  /** Lost calls of other runs, by organisation. */
  readonly late = new Map<string, LateCalls>();
  readonly items = new Map<string, ItemRecord>();
  readonly recorded: { state: string; totals: Totals; ended: boolean }[] = [];
  /** The runs that rollbacks take back. */
  readonly rollbackOf = new Map<string, string>();
  /** By run and item. */
  readonly started = new Map<string, Change[]>();
  private stopped = false;
  private clock = 0;

  /** Steps that now hold what is wanted. */
  wanted(): string[] {
    return [...this.values].filter(([, value]) => value === 'after').map(([name]) => name);
  }

  acts(direction: 'do' | 'undo'): string[] {
    return this.log
      .filter((act) => act.startsWith(`${direction} `))
      .map((act) => act.slice(direction.length + 1));
  }

  async step(direction: 'do' | 'undo', { run, item, change }: StepInput) {
    const name = `${item} ${change.step}`;
    const act = `${direction} ${name}`;
    if (this.stopped && direction === 'do') return waiting(1_000);
    this.log.push(act);
    this.tries.push({ act, attempt: Context.current().info.attempt, at: await this.time() });
    if (direction === 'do') {
      const key = `${run} ${item}`;
      const started = this.started.get(key) ?? [];
      if (!started.some(({ step }) => step === change.step)) this.started.set(key, [...started, change]);
    }
    const fate = await this.meet(act);
    if (typeof fate === 'object') return fate;
    if (fate === 'conflict') {
      const conflict = { step: change.step, field: '', before: 'before', wrote: 'after', found: 'foreign' };
      return done({ effect: 'applied', conflicts: [conflict] });
    }
    if (fate === 'unchanged') return done({ effect: 'unchanged', conflicts: [] });
    this.values.set(name, (direction === 'do' ? change.after : change.before) as string);
    if (fate === 'leaked') throw failure('unavailable', true);
    return done({ effect: 'applied', conflicts: [] });
  }

  activities(): Activities {
    return {
      openRun: async ({ run }) => {
        if (this.refusal !== null)
          return done({ opened: false, refusal: this.refusal, reason: `refused ${run}` });
        const { deadline: deadlineMs, max_retries: maxRetries } = this.settings.dead_letter;
        const summary = {
          onFailure: this.onFailure,
          deadlineMs,
          maxRetries,
          removes: this.removals !== null,
          approval: this.approval !== null,
        };
        const organizations = this.organizations.map((login) => ({ login, ...summary }));
        this.log.push('openRun');
        return this.fated('openRun', { opened: true, settings: this.settings, organizations });
      },
      acquireLock: async ({ run, organization }) => {
        await this.meet('acquireLock');
        const heldBy = this.locks.get(organization) ?? run;
        if (heldBy !== run) return done({ granted: false, heldBy });
        this.locks.set(organization, run);
        const late = this.late.get(organization);
        return done({ granted: true, ...(late === undefined ? {} : { late }) });
      },
      releaseLock: async ({ run, organization }) => {
        if (this.locks.get(organization) === run) this.locks.delete(organization);
        return done(null);
      },
      planOrganization: (input) =>
        this.asked('planOrganization', input, (readAt) => this.organizationPlan(readAt)),
      countRemovals: async () => {
        const { removed = 0, existing = 0 } = this.removals ?? {};
        return done({ removals: { team: removed }, existing: { team: existing }, next: null });
      },
      planPage: ({ cursor, organization, ...input }) =>
        this.asked(`planPage ${number(cursor)}`, { organization, ...input }, (readAt) => {
          const page = number(cursor);
          const items = (this.pages[page] ?? []).filter(({ item }) => item.startsWith(`${organization}/`));
          const next = page + 1 < this.pages.length ? { repositories: String(page + 1), teams: {} } : null;
          const total = this.pages.flat().length + this.inSync;
          const inSync = page === 0 ? this.inSync : 0;
          const read = items.length + inSync;
          return { items, inSync, skipped: [], notes: [], next, read, total, readAt };
        }),
      replanItems: ({ items, ...input }) =>
        this.asked('replanItems', input, (readAt) => {
          const skipped = items.filter(({ item }) => this.archived.has(item));
          return {
            items: items.filter(({ item }) => !this.archived.has(item)),
            skipped: skipped.map(({ item }) => ({ item, reason: 'archived' })),
            readAt,
          };
        }),
      planItem: ({ item, ...input }) =>
        this.asked('planItem', input, (readAt) => {
          const of = this.rollbackOf.get(input.run);
          return { planned: of === undefined ? this.planAgain(item) : inverse(this, of, item), readAt };
        }),
      recordOutcomes: async ({ run, organization, items }) => {
        for (const { item, kind, target, outcome } of items)
          this.items.set(item, { run, organization, item, kind, target, outcome, at: ++this.clock });
        return done(null);
      },
      listItems: async ({ run, outcome, organization }) =>
        done({
          items: (outcome === 'owing' ? this.owing() : this.having(outcome))
            .filter((one) => one.run === run && one.organization === organization)
            .map((one) => ({ ...one, was: one.outcome === 'deadLettered' ? one.outcome : 'committed' })),
          next: null,
        }),
      loadChanges: async ({ run, item, owing = false }) => {
        const all = this.started.get(`${run} ${item}`) ?? [];
        return done({
          target: this.find(item)?.target ?? repository(item).target,
          changes: owing ? all.filter(({ step }) => this.stands(item, step)) : all,
        });
      },
      beginPlan: async () => done(null),
      planForApproval: async () => done({ next: null, shown: ['acme/api: settings'] }),
      identifyPlan: async ({ round }) =>
        done(this.approval?.[round - 1] ?? { hash: 'none', items: 0, changes: 0 }),
      recordApproval: async ({ actor }) => {
        this.log.push(`approved by ${actor}`);
        return done(null);
      },
      stopRun: async () => {
        this.stopped = true;
        return done(null);
      },
      recordRun: async ({ state, totals, ended }) => {
        this.recorded.push({ state, totals, ended });
        return done(null);
      },
      ...rollbackActivities(this),
      ...driftActivities(this),
    };
  }

  /** An answer that meets its fate first. */
  async fated<T>(name: string, value: T): Promise<Answer<T>> {
    const fate = await this.meet(name);
    return typeof fate === 'object' ? fate : done(value);
  }

  having(outcome: ItemOutcome): ItemRecord[] {
    return [...this.items.values()]
      .filter((one) => one.outcome === outcome)
      .toSorted((left, right) => right.at - left.at);
  }

  /** What an undo goes through: of dead letters those of which something stands. */
  private owing(): ItemRecord[] {
    return [...this.items.values()]
      .filter(({ item, outcome }) =>
        outcome === 'deadLettered'
          ? (this.find(item)?.changes.some(({ step }) => this.stands(item, step)) ?? false)
          : outcome === 'committed',
      )
      .toSorted((left, right) => right.at - left.at);
  }

  private stands(item: string, step: string): boolean {
    return this.values.get(`${item} ${step}`) === 'after';
  }

  find(item: string): PlannedItem | null {
    return [...this.before, ...this.pages.flat(), ...this.after].find((one) => one.item === item) ?? null;
  }

  /** What a fresh read still finds to be changed. */
  private planAgain(item: string): PlannedItem | null {
    const planned = this.find(item);
    const changes = planned?.changes.filter(({ step }) => this.values.get(`${item} ${step}`) !== 'after');
    return planned === null || changes?.length === 0 ? null : { ...planned, changes: changes ?? [] };
  }

  private organizationPlan(readAt: number): OrganizationPlan {
    const { before, after, problems, pages } = this;
    return { before, after, problems, removals: {}, existing: {}, repositories: pages.flat().length, readAt };
  }

  private async asked<T>(name: string, _input: PlanInput, value: (readAt: number) => T): Promise<Answer<T>> {
    this.log.push(name);
    const fate = await this.meet(name);
    return typeof fate === 'object' ? fate : done(value(await this.time()));
  }

  private async meet(
    act: string,
  ): Promise<Exclude<Fate, object> | Extract<Answer<never>, { status: 'notYet' }>> {
    const told = this.fates.get(act);
    let fate = (Array.isArray(told) ? told.shift() : told) ?? 'ok';
    while (typeof fate === 'object' && 'until' in fate) {
      await fate.until;
      fate = fate.after ?? 'ok';
    }
    if (typeof fate === 'object') return waiting(fate.notYet);
    if (fate === 'refused') throw failure('refused', false);
    if (fate === 'unauthenticated') throw failure('refused', false, 'unauthenticated');
    if (fate === 'unavailable') throw failure('unavailable', false);
    // Its worker is gone: whatever it answers comes when Temporal has given the activity to another.
    if (fate === 'silent') await setTimeout(2 * this.settings.activity.start_to_close);
    return fate;
  }
}

/** Holds up an act until the test opens it. */
export function gate(): { until: Promise<void>; open: () => void } {
  const opens: (() => void)[] = [];
  const until = new Promise<void>((resolve) => opens.push(resolve));
  return { until, open: () => opens.forEach((open) => open()) };
}

const number = (cursor: { repositories: string | null } | null): number => Number(cursor?.repositories ?? 0);
