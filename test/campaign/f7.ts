import { organization } from '../support/organization.js';
import { redriven, subjects } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { whileKilling } from './engine/kills.js';

const REPOSITORIES = { full: 16, short: 7 };
const KILLS = { full: 5, short: 1 };
/** Every third repository is protected as wanted already, so nothing of it would be refused. */
const POISONED = ['repo-000', 'repo-001', 'repo-003', 'repo-004', 'repo-006'];

/** Poison items; then they are retried by two people at once, while workers are killed. */
export const f7: Campaign = {
  id: 'F7',
  title: 'poison items and redrive',
  rounds: 3,
  workers: 2,
  latencyMs: 120,
  organizations: (seed, size) => [organization(`f7-${seed}`, REPOSITORIES[size])],
  async play(round) {
    const [subject] = await subjects(round, `f7-${round.seed}`);
    if (subject === undefined) return;
    const names = POISONED.slice(0, 3 + round.draw(3));
    // Half of them while the others are applied.
    const kills = KILLS[round.size];
    const plan = { kills, inWindow: Math.floor(kills / 2), servers: 0, everyMs: [50, 900] } as const;
    await redriven(subject, names, {
      applying: (work) => whileKilling(round, plan, work),
      retrying: (work) => whileKilling(round, { ...plan, inWindow: Math.ceil(kills / 2) }, work),
    });
  },
};
