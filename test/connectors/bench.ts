import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectorActivities } from '../../src/activities/connectors.js';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { Connectors } from '../../src/connectors/connectors.js';
import { OURS } from '../../src/connectors/index.js';
import { createRegistry } from '../../src/connectors/registry.js';
import type { JsonObject } from '../../src/standards/model.js';
import { openStore } from '../../src/store/open.js';
import type { MutationRecord, Store } from '../../src/store/store.js';
import type { Answer } from '../../src/transaction/answer.js';
import type { Done, Undone } from '../../src/transaction/engine.js';
import type { ConnectorStepInput } from '../../src/workflows/saga-contract.js';
import { inActivity, SETTINGS } from '../activities/support.js';

export const RUN = 'onboard-acme-1';
export const ITEM = 'acme/payments';
export const ORGANIZATION = 'acme';

/** A step's first try, its loss and what follows, on a real store and a clock that a test moves. */
export interface Bench {
  store: Store;
  connectors: Connectors;
  clock: { ahead: number };
  run(step: string, more?: Partial<ConnectorStepInput>): Promise<Answer<Done>>;
  undo(step: string, more?: Partial<ConnectorStepInput>): Promise<Answer<Undone>>;
  activities: ReturnType<typeof connectorActivities>;
  records(step: string): Promise<MutationRecord[]>;
  close(): Promise<void>;
}

const SETTLE = 60_000;

export async function bench(
  env: Record<string, string>,
  connector: string,
  options: JsonObject,
  needs: string[] = [],
): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'orgsaga-connectors-'));
  const store = await openStore({ directory });
  await store.acquireLock(ORGANIZATION, RUN, RUN);
  await store.saveRun({
    run: RUN,
    organizations: [ORGANIZATION],
    kind: 'onboard',
    actor: 'ada',
    document: null,
    options: {},
    startedAt: Date.now(),
    endedAt: null,
    state: 'Running',
    totals: null,
  });
  const clock = { ahead: 0 };
  const now = () => Date.now() + clock.ahead;
  const settings = { ...SETTINGS, activity: { start_to_close: 1_000, heartbeat: 10_000, settle: SETTLE } };
  const connectors = new Connectors({ registry: createRegistry(OURS), env, settings, now });
  const activities = connectorActivities({ store, settings, connectors, now } as ActivityDeps);
  const input = (step: string, more: Partial<ConnectorStepInput>): ConnectorStepInput => ({
    run: RUN,
    organization: ORGANIZATION,
    item: ITEM,
    actor: 'ada',
    step,
    connector,
    options,
    needs,
    ...more,
  });
  const { runConnector, compensateConnector } = activities;
  if (runConnector === undefined || compensateConnector === undefined) throw new Error('not registered');
  return {
    store,
    connectors,
    clock,
    activities,
    run: (step, more = {}) => inActivity(() => runConnector(input(step, more))) as Promise<Answer<Done>>,
    undo: (step, more = {}) =>
      inActivity(() => compensateConnector(input(step, more))) as Promise<Answer<Undone>>,
    records: (step) => store.recordsOfStep(RUN, ITEM, step),
    async close() {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Lets every lost call be one that cannot come through any more. */
export const settle = ({ clock }: Bench): void => {
  clock.ahead += SETTLE + 5_000;
};
