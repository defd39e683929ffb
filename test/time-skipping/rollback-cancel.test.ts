import { describe, expect, it } from 'vitest';
import { cancelUpdate } from '../../src/workflows/contract.js';
import { committedRun } from './committed-run.js';
import { devServer } from './support.js';

// What cancels activities runs on the dev server: see cancel.test.ts.
const bench = devServer();

describe('a rollback that is cancelled', () => {
  it.each(['do acme/teams/x settings', 'do acme/c settings', 'do acme/settings settings'])(
    'in the middle of %s brings back what it had put back',
    async (held) => {
      const { world, applied } = await committedRun(bench);
      world.fates.set(held, [{ notYet: 60_000 }, 'ok']);
      const run = await bench.rollback(world, applied.id);
      await bench.until(() => world.log.includes(held));
      await run.handle.executeUpdate(cancelUpdate, { args: [{ keep: false, actor: 'lin' }] });
      const status = await run.ends();
      expect(status.state).toBe('Cancelled');
      expect(status.totals.committed).toBe(0);
      expect(world.wanted().length).toBe(13);
      expect(world.locks.size).toBe(0);
    },
  );
});
