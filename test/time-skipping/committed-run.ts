import { expect } from 'vitest';
import { type FakeWorld, organizationSettings, repository } from './fake-world.js';
import type { Bench, Run } from './support.js';

const team = (item: string) => ({ ...organizationSettings('acme'), item, kind: 'team' as const });

export const NAMES = ['a', 'b', 'c', 'd', 'e'].map((name) => `acme/${name}`);

/** A committed run over settings, a team before and after, and five repositories: two pages of three items and one more. */
export async function committedRun(bench: Bench): Promise<{ world: FakeWorld; applied: Run }> {
  const world = bench.world();
  world.before = [organizationSettings('acme'), team('acme/teams/x/create')];
  world.pages = [NAMES.map((name) => repository(name, ['files/a', 'settings']))];
  world.after = [team('acme/teams/x')];
  const applied = await bench.apply(world);
  expect((await applied.ends()).state).toBe('Committed');
  world.log.length = 0;
  return { world, applied };
}
