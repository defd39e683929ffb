import type { SagaActivities } from '../../src/activities/saga-interface.js';
import type { Change } from '../../src/standards/model.js';
import type { ConnectorStepInput } from '../../src/workflows/saga-contract.js';
import { done } from './answers.js';
import type { FakeWorld } from './fake-world.js';

/** What a saga asks of the fake world: its repository is there where the world's pages say so. */
export function sagaActivitiesOf(world: FakeWorld): SagaActivities {
  return {
    openSaga: async ({ run }) => {
      if (world.refusal !== null)
        return done({ opened: false, refusal: world.refusal, reason: `refused ${run}` });
      world.log.push('openSaga');
      return world.fated('openSaga', { opened: true, settings: world.settings });
    },
    checkSaga: async ({ item, adopt }) => {
      world.log.push('checkSaga');
      const target = world.find(item)?.target ?? null;
      return target === null || adopt
        ? world.fated('checkSaga', { ok: true, target })
        : done({ ok: false, refusal: 'exists', reason: `${item} exists already` });
    },
    recordSaga: async ({ run, organization, item, outcome, state, totals, ended }) => {
      world.recorded.push({ state, totals, ended });
      const target = { owner: 'acme', name: 'new', id: 7, node_id: 'R_7', default_branch: 'main' };
      if (outcome !== null)
        world.items.set(item, { run, organization, item, kind: 'repository', target, outcome, at: 1 });
      return done(null);
    },
  };
}

/** Connectors are steps like any other. */
export function connectorActivitiesOf(worldOf: (run: string) => FakeWorld) {
  const step = (direction: 'do' | 'undo') => (input: ConnectorStepInput) =>
    worldOf(input.run).step(direction, { ...input, change: changeOf(input.step, 'topics') } as never);
  return { runConnector: step('do'), compensateConnector: step('undo') };
}

export function changeOf(step: string, kind: Change['kind']): Change {
  return { step, kind, key: step, action: 'update', before: 'before', after: 'after' };
}
