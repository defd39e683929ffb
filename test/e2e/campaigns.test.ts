import { describe, expect, it } from 'vitest';
import { nextBuild } from '../campaign/engine/builds.js';
import { play } from '../campaign/engine/play.js';
import { f1 } from '../campaign/f1.js';
import { f3 } from '../campaign/f3.js';
import { f7 } from '../campaign/f7.js';

/** The long form is `npm run campaigns`. */
describe('fault campaigns, in their short form', { timeout: 120_000 }, () => {
  it.each([f1, f3, f7].map((campaign) => [campaign.id, campaign.title, campaign] as const))(
    '%s, %s: no promise is broken',
    async (id, _title, campaign) => {
      const { violations, kills, unknownOutcomes, applied } = await play(campaign, {
        seed: 1,
        rounds: 1,
        size: 'short',
      });
      expect(violations).toEqual([]);
      expect(applied).toBeGreaterThan(30);
      expect(id === 'F3' ? unknownOutcomes : kills.workers).toBeGreaterThan(0);
    },
  );

  it('F10 has a next release to roll to', () => {
    expect(() => nextBuild().remove()).not.toThrow();
  });
});
