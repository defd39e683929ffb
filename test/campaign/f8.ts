import { organization } from '../support/organization.js';
import { cancelled, committed, rolledBack, subjects } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { lagging, uncertain } from './engine/faults.js';
import type { Round, Subject } from './engine/round.js';

const REPOSITORIES = 24;

/** Reads and lists that lag behind by 1.2 s, two of three, with lost answers so that the reads matter. */
export const f8: Campaign = {
  id: 'F8',
  title: 'reads and lists that lag',
  rounds: 3,
  workers: 2,
  latencyMs: 20,
  lagMs: 1_200,
  organizations: (seed) =>
    ['applied', 'cancelled'].map((what) => organization(`f8-${what}-${seed}`, REPOSITORIES)),
  async play(round) {
    const [applied, undone] = await subjects(round, `f8-applied-${round.seed}`, `f8-cancelled-${round.seed}`);
    if (applied === undefined || undone === undefined) return;
    await round.stage.github.addFaults([lagging(round.seed, 0.67), ...uncertain(round.seed, 0.5)]);
    await Promise.all([appliedAgain(round, applied), cancelled(undone, 40 + round.draw(100))]);
  },
};

/** Applied, taken back and applied, each as soon as the one before is done, so that each reads what the one before wrote. */
async function appliedAgain(round: Round, subject: Subject): Promise<void> {
  const { run } = await committed(subject);
  await rolledBack(subject, run);
  await committed(await round.subject(subject.login));
}
