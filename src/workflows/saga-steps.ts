import type { Change, Target } from '../standards/model.js';
import type { RetryLevel, Step, Node as Transaction } from '../transaction/step.js';
import type { StepInput } from './contract.js';
import {
  CONNECTOR_ACTIVITIES,
  type ConnectorStepInput,
  type SagaInput,
  type SagaPlan,
} from './saga-contract.js';
import { STEP_ACTIVITIES } from './step-names.js';

type Owner = Pick<SagaInput, 'organization' | 'item' | 'actor' | 'graphql'> & { run: string };

/** Other systems' calls are repeated as GitHub's idempotent ones are: a connector looks before it repeats. */
const CONNECTOR_LEVEL: RetryLevel = 'aggressive';

/** A saga's plan as a transaction of the core. `target` has no id yet where the saga makes the repository itself. */
export function sagaTransaction(owner: Owner, target: Target, plan: SagaPlan): Transaction {
  const inner = (node: SagaPlan): Transaction => sagaTransaction(owner, target, node);
  switch (plan.type) {
    case 'github':
      return { type: 'step', step: githubStep(owner, target, plan) };
    case 'connector':
      return { type: 'step', step: connectorStep(owner, plan) };
    case 'sequence':
    case 'parallel':
      return { type: plan.type, nodes: plan.nodes.map(inner) };
    case 'nested':
      return { type: 'nested', name: plan.name, body: inner(plan.body), onFailure: plan.onFailure };
  }
}

function githubStep(owner: Owner, target: Target, { name, change }: SagaPlan & { type: 'github' }): Step {
  const { do: forward, undo, level } = STEP_ACTIVITIES[change.kind];
  const { run, organization, item, actor, graphql } = owner;
  // Nothing that was planned has been read: every step reads before it writes.
  const input: StepInput = { run, organization, item, actor, graphql, target, change, readAt: 0 };
  return {
    name,
    do: { activity: forward, input },
    undo: isSweep(change) ? null : { activity: undo, input },
    level,
  };
}

/** What was opened twice is closed; nobody would want it open again. */
const isSweep = ({ kind, key }: Change): boolean => kind === 'issue' && key === '*';

function connectorStep(owner: Owner, plan: SagaPlan & { type: 'connector' }): Step {
  const { name, connector, options, needs } = plan;
  const { run, organization, item, actor } = owner;
  const input: ConnectorStepInput = { run, organization, item, actor, step: name, connector, options, needs };
  return {
    name,
    do: { activity: CONNECTOR_ACTIVITIES.do, input },
    undo: { activity: CONNECTOR_ACTIVITIES.undo, input },
    level: CONNECTOR_LEVEL,
  };
}

/** Whether steps of it may be under way side by side. */
export function hasParallel(plan: SagaPlan): boolean {
  switch (plan.type) {
    case 'parallel':
      return true;
    case 'sequence':
      return plan.nodes.some(hasParallel);
    case 'nested':
      return hasParallel(plan.body);
    case 'github':
    case 'connector':
      return false;
  }
}
