import { setTimeout as pause } from 'node:timers/promises';
import type { FaultRule } from '../../src/dev/github/index.js';
import type { Evidence } from '../support/checker.js';
import { organization } from '../support/organization.js';
import { apply, effects, subjects } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { violate } from './engine/figures.js';
import { named, reportOf } from './engine/round.js';

const REPOSITORIES = 36;
/** As far as GitHub's clock may be from the workers'; ahead in even seeds, behind in odd ones, where a reset seems to come too early. */
const APART_MS = 3_000;
const LONGEST_S = 4;
/** A wave after so many effects; the organisation has some two hundred. */
const WAVES = [15, 60, 105];

type Wave = Omit<FaultRule, 'id' | 'match'>;

const PRIMARY = 'API rate limit exceeded for user ID 1001.';
const SECONDARY = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

/** What GitHub answers in a wave to everything: until `resetAt`, in seconds of its own clock, or for `seconds`. */
function waves(resetAt: number, seconds: number): Record<string, Wave> {
  const primary = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetAt) };
  const later = { 'retry-after': String(seconds) };
  return {
    'primary, 403': { kind: 'status', status: 403, headers: primary, body: { message: PRIMARY } },
    'primary, 429': { kind: 'status', status: 429, headers: primary, body: { message: PRIMARY } },
    'secondary, 403': { kind: 'status', status: 403, headers: later, body: { message: SECONDARY } },
    'secondary, 429': { kind: 'status', status: 429, headers: later, body: { message: SECONDARY } },
  };
}

/**
 * Three waves of primary and secondary limits, by a GitHub whose clock is not the workers': not one request in a window of which its sender
 * was told, nothing becomes a dead letter, and all is done in the end.
 */
export const f4: Campaign = {
  id: 'F4',
  title: 'limits in waves',
  rounds: 3,
  workers: 2,
  latencyMs: 60,
  organizations: (seed) => [organization(`f4-${seed}`, REPOSITORIES)],
  async play(round) {
    const { github } = round.stage;
    const ahead = round.seed % 2 === 0 ? APART_MS : -APART_MS;
    await github.setClock(ahead);
    try {
      const [subject] = await subjects(round, `f4-${round.seed}`);
      if (subject === undefined) return;
      const work = apply(subject);
      for (const [number, after] of WAVES.entries()) {
        await effects(subject, after);
        const seconds = 2 + round.draw(LONGEST_S - 1);
        const resetAt = Math.ceil((Date.now() + ahead) / 1_000) + seconds;
        const kinds = Object.entries(waves(resetAt, seconds));
        const [kind = '', wave] = kinds[round.draw(kinds.length)] ?? [];
        if (wave === undefined) return;
        const [id = ''] = await github.addFaults([
          named(kind, `${round.seed}/${number}`, { match: {}, ...wave }),
        ]);
        await pause(seconds * 1_000);
        if (!(await github.struck(id))) violate(round.figures, [`no wave: nobody met ${kind}`]);
        await github.removeFault(id);
      }
      // The store's times are the workers'.
      const mend = (evidence: Evidence): Evidence => ({
        ...evidence,
        entries: evidence.entries.map((entry) => ({ ...entry, at: entry.at - ahead })),
      });
      await subject.judge(reportOf(await work, 0), { mend });
    } finally {
      await github.setClock(0);
    }
  },
};
