import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { Usage } from '../transaction/answer.js';
import { conflictsOf, type Journal } from '../transaction/journal.js';
import { requestsOf } from './ask.js';
import {
  NO_TOTALS,
  type ParkedItem,
  type Refusal,
  type RunState,
  type RunStatus,
  type Totals,
} from './contract.js';
import { itemDetails } from './details.js';
import type { DoneBefore } from './refusals.js';
import type { SagaInput } from './saga-contract.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';
import { Standing } from './standing.js';

/** How a saga's repository can have ended; in the words of the totals. */
export type SagaOutcome = 'committed' | 'inSync' | 'rolledBack' | 'parked' | 'cancelled';

/** What a saga knows of itself, and its only way to show it: query, current details, search attributes. */
export class SagaState {
  readonly usage: Usage = {};
  readonly journal: Journal = [];
  private readonly standing = new Standing('being opened', () => this.show());
  private before: Totals | null = null;
  private outcome: SagaOutcome | null = null;
  private parked: ParkedItem | null = null;
  private waiting: string | null = null;
  private readonly notes: string[] = [];

  constructor(private readonly input: SagaInput) {}

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

  /** The same was asked under the same key before: it ended so, and nothing is done again. */
  doneBefore({ state, totals, message }: DoneBefore): void {
    this.before = totals;
    this.set(state, 'done before, under the same request key', message);
  }

  /** One word for why it failed, for who lists workflows. */
  failed(code: string): void {
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.failure, value: code }]);
  }

  park(parked: ParkedItem | null): void {
    this.parked = parked;
    if (parked !== null) this.set('Parked', `undoing ${parked.step} waits for a person`);
  }

  wait(reason: string | null): void {
    this.waiting = reason;
    this.show();
  }

  note(text: string): void {
    this.notes.push(text);
  }

  settle(outcome: SagaOutcome): void {
    this.outcome = outcome;
  }

  end(): void {
    this.standing.end();
  }

  get totals(): Totals {
    const counted = this.parked === null ? this.outcome : 'parked';
    if (this.before !== null) return { ...this.before };
    if (this.state === 'Refused') return { ...NO_TOTALS };
    return counted === null
      ? { ...NO_TOTALS, repositories: 1 }
      : { ...NO_TOTALS, repositories: 1, [counted]: 1 };
  }

  status(): RunStatus {
    const { kind, organization, item, actor } = this.input;
    const standing = this.standing.status();
    const running = this.state === 'Running' ? this.journal.filter(({ state }) => state === 'started') : [];
    const under = running.length === 0 ? '' : `: ${running.map(({ step }) => step).join(', ')}`;
    const waiting = this.waiting === null ? '' : `; waiting: ${this.waiting}`;
    return {
      ...standing,
      kind,
      organizations: [organization],
      actor,
      phase: `${standing.phase}${under}${waiting}`,
      totals: this.totals,
      requests: requestsOf(this.usage),
      deadLetters: [],
      parked: this.parked === null ? [] : [this.parked],
      conflicts: conflictsOf(this.journal).map((conflict) => ({ ...conflict, item })),
      skipped: [],
      notes: [...this.notes],
      pages: [],
      deadline: null,
      steps: this.journal.map(({ step: name, frame, state }) => ({ name, frame: [...frame], state })),
    };
  }

  show(): void {
    const { state, phase, reason } = this.standing;
    const lines = [`## ${state}: ${phase}`, ''];
    if (reason !== null) lines.push(reason, '');
    setCurrentDetails(
      [...lines, itemDetails(this.input.item, this.journal, this.waiting, this.parked)].join('\n'),
    );
  }
}

/** As an apply counts what is kept: nothing is `cancelled` that holds what the run wrote. */
export function outcomeKept(journal: Journal, undone: boolean): 'committed' | 'rolledBack' | 'cancelled' {
  if (journal.some(({ state }) => state === 'applied')) return 'committed';
  return undone ? 'rolledBack' : 'cancelled';
}
