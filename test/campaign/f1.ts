import { organization } from '../support/organization.js';
import { cancelled, committed, subjects } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { whileKilling } from './engine/kills.js';

const REPOSITORIES = { full: 24, short: 5 };
const KILLS = { full: 14, short: 2 };

/** Kills of workers, half of them between a write's effect and its answer. */
export const f1: Campaign = {
  id: 'F1',
  title: 'kills of workers',
  rounds: 30,
  workers: 3,
  latencyMs: 150,
  organizations: (seed, size) =>
    ['applied', 'cancelled'].map((what) => organization(`f1-${what}-${seed}`, REPOSITORIES[size])),
  async play(round) {
    const [applied, undone] = await subjects(round, `f1-applied-${round.seed}`, `f1-cancelled-${round.seed}`);
    if (applied === undefined || undone === undefined) return;
    const kills = KILLS[round.size];
    const plan = { kills, inWindow: kills / 2, servers: 0, everyMs: [300, 1_200] } as const;
    const how = ['--concurrency', '8'];
    const at = round.draw(5 * REPOSITORIES[round.size]);
    await whileKilling(round, plan, Promise.all([committed(applied, ...how), cancelled(undone, at, ...how)]));
  },
};
