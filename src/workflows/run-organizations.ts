import { CancellationScope, condition, patched, setHandler } from '@temporalio/workflow';
import type { OrganizationPlan, OrganizationSummary } from '../activities/interface.js';
import { type PageRead, pageReadSignal, type RunState } from './contract.js';
import { sameLogin } from './lock.js';
import type { OrganizationRun, OrganizationVoice } from './organization.js';
import { pool } from './pool.js';
import { OrganizationFailed, PageLost, Refused } from './refusals.js';
import type { RunStateKeeper } from './run-state.js';
import { tolerant } from './tolerant.js';

/** Organisations of a run that are under way at once, each with pages of its own. */
export const AT_ONCE = 10;
/** While nothing comes of the plans that are missing for this long, those that are there wait no more; milliseconds. */
const PATIENCE_MS = 30_000;
/** Organisations of which a status says what they are at. */
const MOST_PHASES = 3;
/** Histories of older releases plan and apply one organisation after the other. */
const SIDE_BY_SIDE = 'organizations-side-by-side';

/** What the organisations of a run have to know of it. */
export interface OrganizationsOf {
  summaries: readonly OrganizationSummary[];
  make(summary: OrganizationSummary, voice: OrganizationVoice): OrganizationRun;
  keeper: Pick<RunStateKeeper, 'state' | 'set'>;
  /** Whether only one repository of the run may be worked on at a time. */
  sequential: boolean;
  /** Whether nothing more is to be begun, and what is done is kept. */
  stopped(): boolean;
  /** Counts repositories that the run does not come to. */
  neverBegun(repositories: number): void;
}

/**
 * The organisations of a run, each a nested transaction: planned before the first write, then brought to their plans side by side. One that
 * is down holds back none: it is planned and applied when it is back. One that fails ends all, for the run to undo.
 */
export class RunOrganizations {
  /** Those that may hold changes of this run, in the order in which they were begun. */
  readonly begun: OrganizationSummary[] = [];
  private waiting: Waiting[] = [];
  private readonly underWay: Waiting[] = [];
  private readonly failures: unknown[] = [];
  private planning = new CancellationScope();
  private applying = new CancellationScope();
  private plans: Promise<unknown> = Promise.resolve();
  /** When something came of the plan of one, as the workflow's clock has it. */
  private heardAt = 0;
  /** By login, what each is at. */
  private readonly phases = new Map<string, string>();

  constructor(private readonly of: OrganizationsOf) {
    setHandler(
      pageReadSignal,
      tolerant('pageRead', (read) => this.pageOf(read)?.organization.pages.heard(read)),
    );
  }

  /**
   * Plans them. Without `all` it is enough that one is planned, when nothing has come of the others for 30 s.
   * @throws Refused where one of them must not be applied
   */
  async plan(all: boolean): Promise<void> {
    this.waiting = this.of.summaries.map(
      (summary) => new Waiting(summary, this.of.make(summary, this.voiceOf(summary))),
    );
    if (!this.sideBySide) {
      for (const one of this.waiting) await one.plan();
      return;
    }
    this.planning = new CancellationScope();
    this.heardAt = Date.now();
    this.plans = Promise.all(this.waiting.map((one) => this.planning.run(() => one.planned())));
    try {
      await this.patiently(all);
      for (const { failure } of this.waiting) if (failure !== null) throw failure.reason;
    } catch (error) {
      this.planning.cancel();
      await CancellationScope.nonCancellable(() => this.plans);
      throw error;
    }
  }

  /** Brings each to its plan. @throws OrganizationFailed, PageLost, Temporal's CancelledFailure */
  async apply(): Promise<void> {
    const atOnce = this.sideBySide && !this.of.sequential ? AT_ONCE : 1;
    this.applying = new CancellationScope();
    await this.applying.run(() =>
      pool(
        atOnce,
        () => this.next(),
        (one) => this.one(one),
      ).catch((error: unknown) => void this.failures.push(error)),
    );
    await CancellationScope.nonCancellable(() => this.plans);
    // What a lost page had begun can be undone by nobody while it goes on.
    const [first] = this.failures;
    const lost = this.failures.find((failure) => failure instanceof PageLost);
    if (first !== undefined) throw lost ?? first;
  }

  /** Lets what is under way come to its end, and nothing more begin. */
  windDown(): void {
    this.planning.cancel();
    for (const { organization } of this.underWay) organization.stop();
  }

  /** What a run does not come to is in a total, too (G3). */
  countUnbegun(): void {
    for (const { result } of this.waiting.splice(0)) this.of.neverBegun(result?.repositories ?? 0);
  }

  private get sideBySide(): boolean {
    return this.of.summaries.length > 1 && patched(SIDE_BY_SIDE);
  }

  private voiceOf({ login }: OrganizationSummary): OrganizationVoice {
    const { keeper } = this.of;
    let at = '';
    const show = (state: RunState, phase: string): void => {
      this.phases.set(login, phase);
      keeper.set(state, phasesOf([...this.phases.values()]));
    };
    return {
      says: (state, phase) => {
        this.heardAt = Date.now();
        at = phase;
        // Of several, one that is planned late does not make the run one that plans.
        show(this.begun.length > 0 ? 'Running' : state, phase);
      },
      waits: (reason) => show(keeper.state, reason ?? at),
      patient: this.sideBySide,
    };
  }

  /** Until all are planned or one has failed; or until one is planned and the others are out of reach. */
  private async patiently(all: boolean): Promise<void> {
    const settled = (): boolean =>
      this.waiting.every(({ ready }) => ready) || this.waiting.some(({ failure }) => failure !== null);
    const planned = (): boolean => this.waiting.some(({ ready }) => ready);
    await condition(() => settled() || (!all && planned()));
    for (let left = PATIENCE_MS; left > 0 && !settled(); left = this.heardAt + PATIENCE_MS - Date.now())
      await condition(settled, left);
  }

  /** The next that is planned, as soon as there is one; null where there is none any more. */
  private async next(): Promise<Waiting | null> {
    const ended = (): boolean => this.failures.length > 0 || this.of.stopped() || this.waiting.length === 0;
    await condition(() => ended() || this.waiting.some(({ ready }) => ready));
    const at = ended() ? -1 : this.waiting.findIndex(({ ready }) => ready);
    return at === -1 ? null : (this.waiting.splice(at, 1)[0] ?? null);
  }

  private async one(one: Waiting): Promise<void> {
    const { summary, organization, result } = one;
    try {
      if (result === null) throw late(summary, one.failure?.reason);
      this.begun.push(summary);
      this.underWay.push(one);
      await organization.apply(result);
    } catch (error) {
      this.failures.push(error);
      if (!this.sideBySide) return;
      // The run is undone: what the others have under way ends and undoes itself.
      this.planning.cancel();
      this.applying.cancel();
    } finally {
      if (result !== null) this.of.neverBegun(organization.pages.unread(result.repositories));
      const at = this.underWay.indexOf(one);
      if (at !== -1) this.underWay.splice(at, 1);
      this.phases.delete(summary.login);
    }
  }

  /** Pages of older releases do not say whose they are: with them one organisation is under way at a time. */
  private pageOf({ organization }: PageRead): Waiting | undefined {
    if (organization === undefined) return this.underWay[0];
    return this.underWay.find(({ summary }) => sameLogin(summary.login, organization));
  }
}

export function phasesOf(phases: readonly string[]): string {
  const more = phases.length - MOST_PHASES;
  return [...phases.slice(0, MOST_PHASES), ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

/** An organisation whose turn has not come yet, with its plan as soon as it is there. */
class Waiting {
  result: OrganizationPlan | null = null;
  failure: { reason: unknown } | null = null;

  constructor(
    readonly summary: OrganizationSummary,
    readonly organization: OrganizationRun,
  ) {}

  get ready(): boolean {
    return this.result !== null || this.failure !== null;
  }

  /** @throws what keeps it from being planned */
  async plan(): Promise<void> {
    this.result = await this.organization.plan();
  }

  async planned(): Promise<void> {
    await this.plan().catch((reason: unknown) => {
      this.failure = { reason };
    });
  }
}

/** Nothing is written to it; but to others something was. */
const late = ({ login }: OrganizationSummary, reason: unknown): unknown =>
  reason instanceof Refused
    ? new OrganizationFailed(`${login} could be planned only after others had been begun: ${reason.message}`)
    : reason;
