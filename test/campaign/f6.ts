import { organization } from '../support/organization.js';
import { cancel, cancelled, detached, effects, watch } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { reportOf, type Subject } from './engine/round.js';

const REPOSITORIES = 12;
const WAYS = ['twice', 'early', 'undoing', 'kept'] as const;

/** Cancelled once more while it is being undone: it ends no earlier, and nothing is undone twice. */
async function whileUndoing(subject: Subject, after: number): Promise<void> {
  const run = await detached(subject);
  await effects(subject, after);
  const there = (await subject.effects()).length;
  reportOf(await cancel(subject, run), 0);
  await effects(subject, there + 3).catch(() => undefined);
  reportOf(await cancel(subject, run), 0);
  await subject.judge(reportOf(await watch(subject, run), 3, 0));
}

/** Stopped with `--keep`: every repository is as before or as wanted. */
async function kept(subject: Subject, after: number): Promise<void> {
  const run = await detached(subject);
  await effects(subject, after);
  reportOf(await cancel(subject, run, '--keep'), 0);
  await subject.judge(reportOf(await watch(subject, run), 3, 0), { kept: true });
}

const byWay: Record<(typeof WAYS)[number], (subject: Subject, share: number) => Promise<void>> = {
  twice: (subject, share) => cancelled(subject, 1 + Math.floor(80 * share)),
  early: (subject, share) => cancelled(subject, Math.round(share)),
  undoing: (subject, share) => whileUndoing(subject, 20 + Math.floor(50 * share)),
  kept: (subject, share) => kept(subject, 10 + Math.floor(60 * share)),
};

/** Cancels at random instants, twice at once, while the run is being undone, before it began, and with `--keep`. */
export const f6: Campaign = {
  id: 'F6',
  title: 'cancels',
  rounds: 3,
  workers: 2,
  latencyMs: 60,
  organizations: (seed) => WAYS.map((way) => organization(`f6-${way}-${seed}`, REPOSITORIES)),
  async play(round) {
    await Promise.all(
      WAYS.map((way) => ({ way, share: round.random() })).map(async ({ way, share }) =>
        byWay[way](await round.subject(`f6-${way}-${round.seed}`), share),
      ),
    );
  },
};
