import type { RunSettings } from '../config.js';
import type { JsonObject, Target } from '../standards/model.js';
import type { ItemOutcome } from '../store/store.js';
import type { Answer } from '../transaction/answer.js';
import type { Refusal, RunState, Totals } from '../workflows/contract.js';
import type { SagaInput } from '../workflows/saga-contract.js';
import type { OpenedRun } from './interface.js';

/** What a saga asks beside its steps, its lock and its stop. */
export interface SagaActivities {
  /** Keeps the document, claims the request key and records the run. */
  openSaga(input: { run: string; saga: Omit<SagaInput, 'plan'> }): Promise<Answer<OpenedSaga>>;
  /** Finds out, before the first write, whether the repository is or is not there, and whether the teams are. */
  checkSaga(input: SagaCheck): Promise<Answer<CheckedSaga>>;
  /** Records where the run stands and, with an outcome, what became of its repository. */
  recordSaga(input: SagaRecord): Promise<Answer<null>>;
}

export type OpenedSaga = { opened: true; settings: RunSettings } | Exclude<OpenedRun, { opened: true }>;

export interface SagaCheck {
  run: string;
  organization: string;
  item: string;
  graphql: boolean;
  /** Whether the plan makes the repository. */
  creates: boolean;
  /** Whether one that is there is taken up. */
  adopt: boolean;
  /** The visibility that one that is taken up must have; any where none is named. */
  visibility?: string;
  /** Slugs of the teams that get access. */
  teams: string[];
  /** The steps of other systems. */
  connectors: { name: string; connector: string; options: JsonObject }[];
}

/** `target` is null where the repository is still to be made. */
export type CheckedSaga =
  | { ok: true; target: Target | null }
  | { ok: false; refusal: Refusal; reason: string };

export interface SagaRecord {
  run: string;
  organization: string;
  item: string;
  target: Target | null;
  outcome: ItemOutcome | null;
  state: RunState;
  totals: Totals;
  ended: boolean;
}
