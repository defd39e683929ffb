/**
 * What crosses a process boundary for a saga: its argument, its plan as data, and the argument of connector steps.
 * Types only, as in contract.ts.
 */
import type { Json, JsonObject } from '../standards/model.js';
import type { SagaPlan } from '../standards/saga-plan.js';
import type { StepState } from '../transaction/journal.js';

export type { SagaPlan } from '../standards/saga-plan.js';

export type SagaKind = 'create-repo' | 'onboard';

/** The argument of {@link WORKFLOWS.saga}. */
export interface SagaInput {
  kind: SagaKind;
  /** Whose lock is held and whose token is used. */
  organization: string;
  /** `owner/name` of the repository that it is about. */
  item: string;
  /** Who asks; asserted, not proved. */
  actor: string;
  key: string | null;
  /** Of `document`, under which workers keep it in their store. */
  hash: string;
  graphql: boolean;
  /** Wait for another run on the organisation instead of being refused. */
  wait: boolean;
  /** Take up the repository where it is there already, instead of being refused; it is then never removed. */
  adopt?: boolean;
  /** The visibility that was asked for in words: one that is taken up with another is refused. */
  visibility?: string;
  /** What was asked; holds no secret. */
  document: Json;
  plan: SagaPlan;
}

/** The argument of the activities `runConnector` and `compensateConnector`. */
export interface ConnectorStepInput {
  run: string;
  organization: string;
  item: string;
  actor: string;
  step: string;
  connector: string;
  options: JsonObject;
  needs: string[];
}

/** The activities of a connector step, named as a person reads them in the Web UI. */
export const CONNECTOR_ACTIVITIES = { do: 'runConnector', undo: 'compensateConnector' } as const;

/** One step of a saga, as it stands. */
export interface SagaStep {
  name: string;
  /** Names of the nested transactions around it, outermost first. */
  frame: string[];
  state: StepState;
}
