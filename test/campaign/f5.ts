import { setTimeout as pause } from 'node:timers/promises';
import { organization } from '../support/organization.js';
import { apply, effects, subjects } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { violate } from './engine/figures.js';
import { named, reportOf } from './engine/round.js';

const REPOSITORIES = 24;
/** A minute at the tests' scale, in which the circuit breaker's 30 s are half a second, and twelve times as many of them. */
const OUTAGE_MS = 12_000;
/** A breaker asks once in 500 ms, each of two workers has two of them, a few calls were on their way, and one worker learns anew. */
const MOST_REQUESTS = 250;

/**
 * GitHub is gone for a while, and a worker is killed meanwhile: nothing is lost, nothing becomes a dead letter, and nobody hammers on the
 * door, the worker that takes its place neither.
 */
export const f5: Campaign = {
  id: 'F5',
  title: 'an outage',
  rounds: 3,
  workers: 2,
  latencyMs: 60,
  organizations: (seed) => [organization(`f5-${seed}`, REPOSITORIES)],
  async play(round) {
    const [subject] = await subjects(round, `f5-${round.seed}`);
    if (subject === undefined) return;
    const { github } = round.stage;
    const work = apply(subject);
    await effects(subject, 1 + round.draw(120));
    const mark = await github.mark();
    const gone =
      round.seed % 2 === 0 ? ({ kind: 'reset' } as const) : ({ kind: 'status', status: 503 } as const);
    const [id = ''] = await github.addFaults([named('outage', round.seed, { match: {}, ...gone })]);
    await pause(OUTAGE_MS / 2);
    round.killed('workers');
    await round.stage.workers[round.draw(round.stage.workers.length)]?.kill();
    await round.stage.startWorker();
    await pause(OUTAGE_MS / 2);
    await github.removeFault(id);
    const asked = (await github.since(mark)).filter((entry) => entry.type === 'request').length;
    if (asked > MOST_REQUESTS)
      violate(round.figures, [`hammering: ${asked} requests in an outage of ${OUTAGE_MS} ms`]);
    const report = reportOf(await work, 0);
    await subject.judge(report);
  },
};
