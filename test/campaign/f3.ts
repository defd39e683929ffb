import { organization } from '../support/organization.js';
import { cancelled, committed, subjects } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { uncertain } from './engine/faults.js';

const REPOSITORIES = { full: 32, short: 6 };

/** Unknown outcomes: 5xx, resets and time-outs before and after the write was applied, answers cut in half. */
export const f3: Campaign = {
  id: 'F3',
  title: 'unknown outcomes',
  rounds: 30,
  workers: 2,
  latencyMs: 20,
  organizations: (seed, size) =>
    ['applied', 'cancelled'].map((what) => organization(`f3-${what}-${seed}`, REPOSITORIES[size])),
  async play(round) {
    const [applied, undone] = await subjects(round, `f3-applied-${round.seed}`, `f3-cancelled-${round.seed}`);
    if (applied === undefined || undone === undefined) return;
    await round.stage.github.addFaults(uncertain(round.seed));
    // Every other seed without GraphQL, where a lost answer is one repository's and not a batch's.
    const how = round.seed % 2 === 0 ? ['--no-graphql'] : [];
    await Promise.all([
      committed(applied, ...how),
      cancelled(undone, round.draw(5 * REPOSITORIES[round.size]), ...how),
    ]);
  },
};
