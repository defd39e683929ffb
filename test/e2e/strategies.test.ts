import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/dev/ports.js';
import { STRATEGIES } from '../../src/policies/strategies.js';
import { organization, standards } from '../support/organization.js';
import { type System, startSystem } from '../support/system.js';
import { reportOf } from '../support/trial.js';

const REPOSITORIES = 4;

describe('the strategies of apply', { timeout: 120_000 }, () => {
  let system: System;
  let metrics: string;
  beforeAll(async () => {
    const seed = STRATEGIES.map((strategy) => organization(strategy, REPOSITORIES));
    system = await startSystem({ seed, workers: 0 });
    metrics = `127.0.0.1:${await freePort()}`;
    await system.startWorker({ ORGSAGA_METRICS_ADDRESS: metrics });
  });
  afterAll(() => system?.stop());

  it.each(STRATEGIES)(
    '%s commits everything, and says in its own metric how long that took',
    async (strategy) => {
      const file = system.write(`${strategy}.yaml`, standards(strategy));
      const apply = () => system.orgsaga(['apply', '-f', file, '--yes', '--json', '--strategy', strategy]);
      expect(reportOf(await apply(), 0)).toMatchObject({ totals: { committed: REPOSITORIES } });
      // Nothing is to be done, so there is no batch.
      expect(reportOf(await apply(), 0)).toMatchObject({ totals: { inSync: REPOSITORIES } });
      const served = await (await fetch(`http://${metrics}/metrics`)).text();
      const name = `batch_duration_${strategy}`;
      expect(served).toMatch(new RegExp(`^${name}_count\\{.*workflowType="applyPage".*\\} 1$`, 'm'));
      expect(served).toMatch(new RegExp(`^${name}_bucket\\{.*le="3600000"\\} 1$`, 'm'));
    },
  );
});
