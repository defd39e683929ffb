import { patched } from '@temporalio/workflow';
import type { OrganizationPlan, OrganizationSummary, RemovalCount } from '../activities/interface.js';
import type { RunSettings } from '../config.js';
import { concurrencyOf } from '../policies/strategies.js';
import { addCounts } from '../standards/counts.js';
import { checkRemovals } from '../standards/fuse.js';
import { isObject } from '../standards/json.js';
import type { PageCursor, PlannedItem } from '../standards/model.js';
import { ask, PERSISTENT_READS } from './ask.js';
import type { ItemChildren } from './children.js';
import type { ApplyInput, ItemInput } from './contract.js';
import { sameLogin } from './lock.js';
import { OrganizationParts } from './organization-parts.js';
import { Refused, refusing } from './refusals.js';
import { RunPages } from './run-pages.js';
import type { RunStateKeeper } from './run-state.js';

/** Teams whose settings and members are worked on at once; making and removing goes one by one, for parents' sake. */
const TEAMS_AT_ONCE = 10;

/** What no undo can know: GitHub forgets it with the team. */
const MADE_AGAIN =
  'an undo makes it again without its members, and without its access to repositories for which the file says nothing of it';
/** Histories of older releases give teams their parents side by side. */
const ONE_BY_ONE = 'teams-that-move-one-by-one';

/**
 * Such a team comes after the one that it is put under, and is put back before that: else there may be a circle meanwhile, or a parent that is
 * secret yet.
 */
const moves = ({ changes }: PlannedItem): boolean =>
  changes.some(
    ({ kind, after }) =>
      kind === 'team_settings' && isObject(after) && ('parent' in after || 'privacy' in after),
  );

/** Says for one organisation of a run what it is at. */
export interface OrganizationVoice {
  /** It is a step further. */
  says(state: 'Planning' | 'Running', phase: string): void;
  /** What it waits for; null where it goes on. */
  waits(reason: string | null): void;
  /** Whether others go on meanwhile, so that nobody is kept by one that cannot be read now. */
  patient: boolean;
}

const SILENT: OrganizationVoice = { says: () => undefined, waits: () => undefined, patient: false };

/**
 * One organisation's transaction inside a run: settings, then missing teams, created empty, then the repositories page by
 * page, then teams' settings and members.
 */
export class OrganizationRun {
  readonly pages: RunPages;
  private readonly run: string;
  private readonly parts: OrganizationParts;

  constructor(
    run: string,
    private readonly input: ApplyInput,
    private readonly summary: OrganizationSummary,
    private readonly settings: RunSettings,
    private readonly keeper: RunStateKeeper,
    children: ItemChildren,
    /** Whether nothing more is to be begun, and what is done is kept. */
    private readonly stopped: () => boolean,
    private readonly voice: OrganizationVoice = SILENT,
  ) {
    this.run = run;
    this.parts = new OrganizationParts({
      run,
      organization: summary.login,
      onFailure: summary.onFailure,
      settings,
      keeper,
      children,
      stopped,
      inputOf: (planned, readAt) => this.itemInput(planned.kind, planned.item, planned, readAt),
    });
    this.pages = new RunPages(keeper, {
      run,
      organization: summary.login,
      concurrency: concurrencyOf(input.options, settings),
      strategy: input.options.strategy,
      actor: input.actor,
      graphql: input.options.graphql,
      onFailure: summary.onFailure,
      settings,
    });
  }

  /** Lets what is under way come to its end, and nothing more begin. */
  stop(): void {
    void this.pages.stop();
    void this.parts.stop();
  }

  /** Reads what can make the whole plan impossible. @throws Refused */
  async plan(): Promise<OrganizationPlan> {
    this.voice.says('Planning', `planning ${this.summary.login}`);
    return refusing(async () => {
      const plan = await this.askPlan();
      if (plan.problems.length > 0) {
        throw new Refused('invalid', plan.problems.join('\n'));
      }
      if (this.summary.removes && !this.input.options.allowRemovals) {
        await this.checkFuse(plan);
      }
      return plan;
    });
  }

  /** Brings the organisation to its plan. @throws OrganizationFailed, Temporal's CancelledFailure */
  async apply(plan: OrganizationPlan): Promise<void> {
    const { login } = this.summary;
    this.voice.says('Running', `applying to ${login}`);
    const [settings, teams] = split(plan.before, ({ kind }) => kind === 'organization');
    await this.parts.work('settings', settings, plan.readAt, 1);
    await this.parts.work('new teams', teams, plan.readAt, 1);
    this.voice.says('Running', `repositories of ${login}`);
    await this.pages.run();
    if (plan.after.length > 0 && !this.stopped()) {
      const { after, readAt } = await this.askPlan();
      const [removed, kept] = split(after, ({ changes }) =>
        changes.every(({ action, kind }) => kind === 'team' && action === 'delete'),
      );
      const [moved, others] = kept.some(moves) && patched(ONE_BY_ONE) ? split(kept, moves) : [[], kept];
      await this.parts.work('teams that move', moved, readAt, 1);
      await this.parts.work('teams', others, readAt, TEAMS_AT_ONCE);
      for (const { item } of removed) this.keeper.addNote(`${item} is to be removed: ${MADE_AGAIN}`);
      await this.parts.work('removed teams', removed, readAt, 1);
    }
  }

  /** The input of one item's workflow; it plans for itself where `planned` is null. */
  itemInput(kind: PlannedItem['kind'], item: string, planned: PlannedItem | null, readAt: number): ItemInput {
    return {
      run: this.run,
      organization: this.summary.login,
      item,
      kind,
      mode: 'apply',
      planned,
      readAt,
      actor: this.input.actor,
      graphql: this.input.options.graphql,
      onFailure: this.summary.onFailure,
      settings: this.settings,
      discard: null,
      standalone: false,
    };
  }

  private askPlan(): Promise<OrganizationPlan> {
    return ask(
      'planOrganization',
      { run: this.run, organization: this.summary.login, graphql: this.input.options.graphql },
      this.options(`Plan ${this.summary.login}: settings and teams`),
    );
  }

  /** Goes through all repositories once more, for a file that removes: the fuse has to know before the first write. */
  private async checkFuse(plan: OrganizationPlan): Promise<void> {
    let { removals, existing } = plan;
    let cursor: PageCursor | null = null;
    do {
      const { login: organization } = this.summary;
      const page: RemovalCount = await ask(
        'countRemovals',
        { run: this.run, organization, graphql: this.input.options.graphql, cursor },
        this.options(`Count what ${organization} would lose`),
      );
      this.voice.says('Planning', `counting what ${organization} would lose`);
      removals = addCounts(removals, page.removals);
      existing = addCounts(existing, page.existing);
      cursor = page.next;
    } while (cursor !== null);
    const refusals = checkRemovals(removals, existing);
    if (refusals.length > 0) {
      throw new Refused('removals', refusals.join('\n'));
    }
  }

  private options(summary: string) {
    return {
      summary,
      settings: this.settings,
      usage: this.keeper.usage,
      waiting: (reason: string | null) => this.voice.waits(reason),
      ...(this.voice.patient ? { retry: PERSISTENT_READS } : {}),
    };
  }
}

function split<T>(all: T[], first: (one: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))];
}

/** The organisation of that name among a run's. @throws Error where the run has none */
export function summaryOf(organizations: OrganizationSummary[], login: string): OrganizationSummary {
  const summary = organizations.find((one) => sameLogin(one.login, login));
  if (summary === undefined) throw new Error(`no organisation ${login} in this run`);
  return summary;
}
