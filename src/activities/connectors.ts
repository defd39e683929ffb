import type { Connector } from '../connectors/connector.js';
import { fill } from '../connectors/fill.js';
import type { Json, JsonObject, Restore, Target } from '../standards/model.js';
import type { Answer } from '../transaction/answer.js';
import type { Done, Undone } from '../transaction/engine.js';
import type { StepInput } from '../workflows/contract.js';
import type { ConnectorStepInput } from '../workflows/saga-contract.js';
import { CONNECTOR_ACTIVITIES } from '../workflows/saga-contract.js';
import { answering, StepError } from './answering.js';
import { boundedConnector } from './bounded-connector.js';
import { failureOf } from './connector-failure.js';
import type { ConnectorWorkInput } from './connector-records.js';
import { ConnectorWork } from './connector-step.js';
import type { ActivityDeps } from './deps.js';
import { TAKEN_UP } from './made.js';

/** A connector's step in a saga, or the change of a rollback that takes one back. */
type Input = ConnectorStepInput | StepInput;

export type ConnectorActivities = Record<string, (input: Input) => Promise<Answer<Done | Undone>>>;

/** The do and the undo of every connector. */
export function connectorActivities(deps: ActivityDeps): ConnectorActivities {
  const { settings } = deps;
  return {
    [CONNECTOR_ACTIVITIES.do]: (input) =>
      answering(settings, 'do', async (): Promise<Done> => {
        const { work, unmakes } = await workOf(deps, input);
        if (!unmakes) return work.make('do');
        const { effect, conflicts } = await work.unmake('do');
        // Connectors know no force.
        return { effect, conflicts: conflicts.map((one) => ({ ...one, stays: true })) };
      }),
    [CONNECTOR_ACTIVITIES.undo]: (input) =>
      answering(settings, 'undo', async (): Promise<Undone> => {
        const { work, unmakes } = await workOf(deps, input);
        if (!unmakes) {
          const { conflicts } = await work.unmake('undo');
          return { conflicts };
        }
        await work.make('undo');
        return { conflicts: [] };
      }),
  };
}

/** Why the connector steps of a plan cannot be done here; asked before anything is. */
export function refusedConnectors(
  { connectors }: Pick<ActivityDeps, 'connectors'>,
  steps: readonly { name: string; connector: string; options: JsonObject }[] = [],
): string[] {
  const { registry } = connectors;
  const missing = new Set<string>();
  const wrong: string[] = [];
  for (const { name, connector: called, options } of steps) {
    const connector = registry.get(called);
    if (connector === null) {
      wrong.push(
        `${name}: the worker has no connector ${called}; it has ${registry.names.join(', ')} (its configuration's key "connectors" adds more)`,
      );
      continue;
    }
    for (const line of connectors.missing(connector)) missing.add(line);
    const parsed = connector.options.safeParse(options);
    if (!parsed.success)
      wrong.push(`${name}: options that ${called} does not take: ${parsed.error.issues[0]?.message ?? ''}`);
  }
  return [...wrong, ...missing];
}

async function workOf(deps: ActivityDeps, input: Input): Promise<{ work: ConnectorWork; unmakes: boolean }> {
  const { run, organization, item, actor } = input;
  const asked = 'change' in input ? ofChange(input) : ofStep(input);
  const connector = deps.connectors.registry.get(asked.connector);
  if (connector === null)
    throw new StepError(
      `this worker has no connector ${asked.connector}; it has ${deps.connectors.registry.names.join(', ')}`,
      'unavailable',
      'connector',
      false,
    );
  const bounded = boundedConnector(connector, deps.settings);
  const { origin, restore, step, needs, options, target } = asked;
  const results = await resultsOf(deps, origin, item, needs);
  const startedAt = (await deps.store.getRun(origin))?.startedAt ?? deps.now();
  const filled = optionsOf(connector, options, results);
  const told: ConnectorWorkInput = {
    run,
    origin,
    restore,
    organization,
    item,
    actor,
    step,
    options,
    needs,
    target,
  };
  return {
    work: new ConnectorWork(deps, bounded, filled, results, startedAt, told),
    unmakes: asked.unmakes,
  };
}

interface Asked {
  connector: string;
  origin: string;
  restore: Restore | null;
  step: string;
  options: JsonObject;
  needs: string[];
  target: Target;
  unmakes: boolean;
}

function ofStep({ run, item, step, connector, options, needs }: ConnectorStepInput): Asked {
  const [owner = '', name = ''] = item.split('/');
  const target = { owner, name, id: 0, node_id: '', default_branch: null };
  return { connector, origin: run, restore: null, step, options, needs, target, unmakes: false };
}

function ofChange({ run, change, target }: StepInput): Asked {
  const { key: connector, step, before, after, restore } = change;
  const { options = {}, needs = [] } = (after ?? before ?? {}) as Record<string, Json>;
  return {
    connector,
    origin: restore?.origin ?? run,
    restore: restore ?? null,
    step,
    options: options as JsonObject,
    needs: needs as string[],
    target,
    unmakes: after === null,
  };
}

function optionsOf(
  connector: Connector,
  options: JsonObject,
  results: Readonly<Record<string, Json>>,
): unknown {
  let filled: JsonObject;
  try {
    filled = fill(options, results);
  } catch (error) {
    throw failureOf(error, false).thrown;
  }
  const parsed = connector.options.safeParse(filled);
  if (parsed.success) return parsed.data;
  throw new StepError(parsed.error.issues[0]?.message ?? 'wrong options', 'refused', 'invalid', false);
}

/** What the needed steps have brought about; what is made on GitHub tells of the repository. */
async function resultsOf(
  deps: ActivityDeps,
  run: string,
  item: string,
  needs: readonly string[],
): Promise<Record<string, Json>> {
  const repository = (await deps.store.getStepResult(run, item, TAKEN_UP)) ?? { full_name: item };
  const results: Record<string, Json> = {};
  for (const step of needs) results[step] = (await deps.store.getStepResult(run, item, step)) ?? repository;
  return results;
}
