import { organization } from '../support/organization.js';
import { cancelled, committed, subjects } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { whileKilling } from './engine/kills.js';

const REPOSITORIES = 20;

/** Kills and restarts of the Temporal server. */
export const f2: Campaign = {
  id: 'F2',
  title: 'kills of the Temporal server',
  rounds: 10,
  workers: 2,
  latencyMs: 150,
  organizations: (seed) =>
    ['applied', 'cancelled'].map((what) => organization(`f2-${what}-${seed}`, REPOSITORIES)),
  async play(round) {
    const [applied, undone] = await subjects(round, `f2-applied-${round.seed}`, `f2-cancelled-${round.seed}`);
    if (applied === undefined || undone === undefined) return;
    const plan = { kills: 6, inWindow: 0, servers: 6, everyMs: [1_000, 3_000] } as const;
    const how = ['--concurrency', '8'];
    const at = 10 + round.draw(60);
    await whileKilling(round, plan, Promise.all([committed(applied, ...how), cancelled(undone, at, ...how)]));
  },
};
