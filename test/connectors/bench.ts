import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectorActivities } from '../../src/activities/connectors.js';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { inverseItem } from '../../src/activities/inverse-items.js';
import type { Connector } from '../../src/connectors/connector.js';
import { Connectors } from '../../src/connectors/connectors.js';
import { OURS } from '../../src/connectors/index.js';
import { createRegistry } from '../../src/connectors/registry.js';
import type { JsonObject } from '../../src/standards/model.js';
import { openStore } from '../../src/store/open.js';
import type { MutationRecord, Store } from '../../src/store/store.js';
import type { Answer } from '../../src/transaction/answer.js';
import type { Done, Undone } from '../../src/transaction/engine.js';
import type { StepInput } from '../../src/workflows/contract.js';
import type { ConnectorStepInput } from '../../src/workflows/saga-contract.js';
import { inActivity, SETTINGS, scheduled } from '../activities/support.js';

export const RUN = 'onboard-acme-1';
export const ITEM = 'acme/payments';
export const ORGANIZATION = 'acme';

/** A step's first try, its loss and what follows, on a real store and a clock that a test moves. */
export interface Bench {
  store: Store;
  connectors: Connectors;
  clock: { ahead: number };
  /** As an attempt that was scheduled then; just now, unless told. */
  run(step: string, scheduledAt?: number): Promise<Answer<Done>>;
  undo(step: string, scheduledAt?: number): Promise<Answer<Undone>>;
  activities: ReturnType<typeof connectorActivities>;
  /** The step of a rollback `run` that takes back what run `of` did, as its records say by now. */
  takeBack(run: string, of: string): Promise<Answer<Done | Undone>>;
  /** What takes that back in turn, when the rollback is cancelled. */
  undoTakingBack(run: string, of: string): Promise<Answer<Done | Undone>>;
  records(step: string, run?: string): Promise<MutationRecord[]>;
  close(): Promise<void>;
}

const SETTLE = 60_000;

/** Beside what comes with orgsaga. */
interface Own {
  connector?: Connector;
  /** A second unless given. */
  startToCloseMs?: number;
}

export async function bench(
  env: Record<string, string>,
  connector: string,
  options: JsonObject,
  own: Own = {},
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
  const startToCloseMs = own.startToCloseMs ?? 1_000;
  /** Temporal tells an activity how long it may take, and the shorter of that and our setting holds. */
  const attempt = (at: number) => ({ ...scheduled(at), startToCloseTimeoutMs: startToCloseMs });
  const activity = {
    start_to_close: startToCloseMs,
    heartbeat: 10_000,
    settle: SETTLE,
    read_lag: 10_000,
  };
  const settings = { ...SETTINGS, activity };
  const registry = createRegistry([...OURS, ...(own.connector === undefined ? [] : [own.connector])]);
  const connectors = new Connectors({ registry, env, settings, now });
  const activities = connectorActivities({ store, settings, connectors, now } as ActivityDeps);
  const input = (step: string): ConnectorStepInput => ({
    run: RUN,
    organization: ORGANIZATION,
    item: ITEM,
    actor: 'ada',
    step,
    connector,
    options,
    needs: [],
  });
  const { runConnector, compensateConnector } = activities;
  if (runConnector === undefined || compensateConnector === undefined) throw new Error('not registered');
  const backwards = async (run: string, of: string): Promise<StepInput> => {
    await store.releaseLock(ORGANIZATION, of, of);
    await store.acquireLock(ORGANIZATION, run, run);
    const planned = inverseItem(await store.recordsOfItem(of, ITEM), false);
    const [change] = planned?.changes ?? [];
    if (planned === null || change === undefined) throw new Error(`nothing of ${of} is left to take back`);
    const { target } = planned;
    return {
      run,
      organization: ORGANIZATION,
      item: ITEM,
      actor: 'ada',
      graphql: true,
      target,
      change,
      readAt: 0,
    };
  };
  return {
    store,
    connectors,
    clock,
    activities,
    run: (step, at = Date.now()) =>
      inActivity(() => runConnector(input(step)), attempt(at)) as Promise<Answer<Done>>,
    undo: (step, at = Date.now()) =>
      inActivity(() => compensateConnector(input(step)), attempt(at)) as Promise<Answer<Undone>>,
    takeBack: async (run, of) => {
      const asked = await backwards(run, of);
      return inActivity(() => runConnector(asked), attempt(Date.now()));
    },
    undoTakingBack: async (run, of) => {
      const asked = await backwards(run, of);
      return inActivity(() => compensateConnector(asked), attempt(Date.now()));
    },
    records: (step, run = RUN) => store.recordsOfStep(run, ITEM, step),
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
