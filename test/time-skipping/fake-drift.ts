import type { DriftActivities } from '../../src/activities/drift-interface.js';
import { done } from './answers.js';
import type { FakeWorld } from './fake-world.js';

/** What a check asks: everything that the world has to be done still differs; the run that it begins is at rest at once. */
export function driftActivities(world: FakeWorld): DriftActivities {
  return {
    openDrift: async () => done(world.settings),
    checkOrganization: () =>
      world.fated('checkOrganization', {
        items: [...world.before, ...world.after].map(({ item, changes }) => ({
          item,
          changes: changes.length,
        })),
        read: 0,
        problems: world.problems,
      }),
    checkPage: ({ organization }) => {
      const items = world.pages.flat().filter(({ item }) => item.startsWith(`${organization}/`));
      return world.fated('checkPage', {
        items: items.map(({ item, changes }) => ({ item, changes: changes.length })),
        read: items.length,
        next: null,
      });
    },
    recordDrift: async ({ report }) => {
      world.log.push(`drift ${report.items}`);
      return done(null);
    },
    untilAtRest: () => world.fated('untilAtRest', 'Committed' as const),
  };
}
