import type { Change, JsonObject } from './model.js';

/**
 * A transaction as plain data, before it knows activities: built by pure code in standards/ and connectors/. Names of
 * steps are unique in the plan.
 */
export type SagaPlan =
  /**
   * One operation of github/operations, by the change's kind; `name` is also `change.step`. `adopted` is what is done in its
   * place where the repository is there already: null for nothing, absent for the same.
   */
  | { type: 'github'; name: string; change: Change; adopted?: Change | null }
  /** One connector's forward and compensate; `needs` names the steps whose results it reads. */
  | { type: 'connector'; name: string; connector: string; options: JsonObject; needs: string[] }
  | { type: 'sequence' | 'parallel'; nodes: SagaPlan[] }
  | { type: 'nested'; name: string; body: SagaPlan; onFailure: 'fail' | 'continue' };

/** Every step of a plan that is a connector's. */
export function connectorSteps(plan: SagaPlan): (SagaPlan & { type: 'connector' })[] {
  switch (plan.type) {
    case 'github':
      return [];
    case 'connector':
      return [plan];
    case 'sequence':
    case 'parallel':
      return plan.nodes.flatMap(connectorSteps);
    case 'nested':
      return connectorSteps(plan.body);
  }
}
