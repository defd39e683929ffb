import { setCurrentDetails } from '@temporalio/workflow';
import { itemKey } from '../standards/item-key.js';
import type { Usage } from '../transaction/answer.js';
import { requestsOf } from './ask.js';
import type { ApprovalPlan, PageResult, Refusal, RunState, RunStatus } from './contract.js';
import { runDetails } from './details.js';
import { keyOfWorkflowId } from './ids.js';
import { type Ended, endedItem } from './record.js';
import { Standing } from './standing.js';
import { Tally } from './tally.js';
import { addedUp } from './totals.js';

/** What a run is, as it is known when it starts. */
export interface RunAbout extends Pick<RunStatus, 'kind' | 'actor' | 'of'> {
  organizations: string[];
}

/** What a run knows of itself, and its only way to show it: query, current details, search attributes. */
export class RunStateKeeper {
  readonly tally = new Tally();
  /** What the run's own activities used up. */
  readonly usage: Usage = {};
  readonly pages = new Set<string>();
  organizations: string[];
  /** See {@link RunStatus.instead}. */
  instead: string | null = null;
  private readonly standing = new Standing('planning', () => this.show());
  private leftOut = 0;
  private itemsPages = 0;
  private deadline: string | null = null;
  private plan: ApprovalPlan | null = null;
  private readonly parts = new Map<string, Map<string, string>>();
  /** By the items' keys. */
  private readonly settledEarly = new Map<string, Ended>();

  /** @param running workflow ids of the items that the run itself has under way */
  constructor(
    private readonly about: RunAbout,
    private readonly running: ReadonlySet<string>,
  ) {
    this.organizations = about.organizations;
  }

  get state(): RunState {
    return this.standing.state;
  }

  /** See {@link Standing.set}. */
  set(...to: Parameters<Standing['set']>): void {
    this.standing.set(...to);
  }

  refuse(refusal: Refusal, reason: string): void {
    this.standing.refuse(refusal, reason);
  }

  addNote(note: string): void {
    this.tally.addNotes([note]);
  }

  /**
   * A parked item has been settled by a person's decision. False where its page has not reported it as parked yet: then
   * it counts with its page, see {@link addPage}.
   */
  settleParked(settled: Ended): boolean {
    const { item, kind } = endedItem(settled);
    const key = itemKey(kind, item);
    if (!this.tally.parked.delete(key)) {
      this.settledEarly.set(key, settled);
      return false;
    }
    const counts = kind === 'repository';
    if (counts) this.tally.totals.parked -= 1;
    this.tally.add(settled, counts);
    this.show();
    return true;
  }

  /** Counts a page; gives the items that it reported as parked and that have been settled since. */
  addPage(page: PageResult): Ended[] {
    this.tally.addPage(page);
    const early = page.parked
      .map(({ workflowId }) => this.settledEarly.get(keyOfWorkflowId(workflowId)))
      .filter((settled) => settled !== undefined);
    for (const settled of early) {
      const { item, kind } = endedItem(settled);
      this.settledEarly.delete(itemKey(kind, item));
      this.settleParked(settled);
    }
    return early;
  }

  /** A number that no other page of items has that the run names itself. */
  nextItemsPage(): number {
    this.itemsPages += 1;
    return this.itemsPages;
  }

  /** Shows what waits for an approval, or was approved. */
  setPlan(plan: ApprovalPlan | null): void {
    this.plan = plan;
    this.show();
  }

  /** Notes the time after which dead letters no longer keep the run open. */
  setDeadline(at: Date | null): void {
    this.deadline = at === null ? null : at.toISOString();
    this.show();
  }

  /** See {@link RunStatus.notTakenBack}. */
  leavesOut(items: number): void {
    this.leftOut = items;
  }

  end(): void {
    this.standing.end();
  }

  /** One line of the tree: how far a part of an organisation is. */
  part(organization: string, name: string, says: string): void {
    const parts = this.parts.get(organization) ?? new Map<string, string>();
    this.parts.set(organization, parts.set(name, says));
    this.show();
  }

  show(): void {
    const tree = [...this.parts].map(([login, parts]) => ({
      login,
      parts: [...parts].map(([name, says]) => `${name}: ${says}`),
    }));
    setCurrentDetails(runDetails(this.status(), tree));
  }

  status(): RunStatus {
    const { totals, requests, deadLetters, parked, conflicts, skipped, notes } = this.tally.result();
    const own = requestsOf(this.usage);
    return {
      ...this.standing.status(),
      kind: this.about.kind,
      organizations: this.organizations,
      actor: this.about.actor,
      totals: { ...totals },
      requests: addedUp(requests, own),
      deadLetters,
      parked,
      conflicts,
      skipped,
      notes,
      pages: [...this.pages],
      ...(this.running.size === 0 ? {} : { running: [...this.running] }),
      deadline: this.deadline,
      ...(this.plan === null ? {} : { plan: this.plan }),
      ...(this.about.of === undefined ? {} : { of: this.about.of }),
      ...(this.instead === null ? {} : { instead: this.instead }),
      ...(this.leftOut === 0 ? {} : { notTakenBack: this.leftOut }),
    };
  }
}
