import { organization } from '../support/organization.js';
import { cancelledAmongOthers, committed } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { LENIENT, whileChanging } from './engine/foreign.js';
import { Subject } from './engine/round.js';

const REPOSITORIES = 24;

/** Somebody else changes a third of the repositories meanwhile. */
export const f9: Campaign = {
  id: 'F9',
  title: 'changes by somebody else',
  rounds: 3,
  workers: 2,
  latencyMs: 150,
  organizations: (seed) =>
    ['applied', 'cancelled'].map((what) => organization(`f9-${what}-${seed}`, REPOSITORIES)),
  async play(round) {
    const [applied, undone] = [`f9-applied-${round.seed}`, `f9-cancelled-${round.seed}`];
    const [first, second] = [
      await Subject.of(round, applied, LENIENT),
      await Subject.of(round, undone, LENIENT),
    ];
    const work = Promise.all([committed(first), cancelledAmongOthers(second, 60 + round.draw(100))]);
    await whileChanging(round, [applied, undone], 1 / 3, work);
  },
};
