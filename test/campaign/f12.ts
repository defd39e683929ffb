import { organization } from '../support/organization.js';
import { cancelledAmongOthers, committed } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { lagging, uncertain } from './engine/faults.js';
import { LENIENT, whileChanging } from './engine/foreign.js';
import { whileKilling } from './engine/kills.js';
import { Subject } from './engine/round.js';

const REPOSITORIES = 20;
const STRENGTH = 1 / 3;

/** Everything at once, each at a third of its strength. */
export const f12: Campaign = {
  id: 'F12',
  title: 'all at a third of the strength',
  rounds: 3,
  workers: 3,
  latencyMs: 100,
  lagMs: 1_200,
  organizations: (seed) =>
    ['applied', 'cancelled'].map((what) => organization(`f12-${what}-${seed}`, REPOSITORIES)),
  async play(round) {
    const [applied, undone] = [`f12-applied-${round.seed}`, `f12-cancelled-${round.seed}`];
    const [first, second] = [
      await Subject.of(round, applied, LENIENT),
      await Subject.of(round, undone, LENIENT),
    ];
    const plan = { kills: 7, inWindow: 2, servers: 2, everyMs: [800, 2_400] } as const;
    const at = 20 + round.draw(80);
    await round.stage.github.addFaults([
      lagging(round.seed, 0.67 * STRENGTH),
      ...uncertain(round.seed, STRENGTH),
    ]);
    const work = Promise.all([committed(first), cancelledAmongOthers(second, at)]);
    await whileChanging(round, [applied, undone], STRENGTH / 3, whileKilling(round, plan, work));
  },
};
