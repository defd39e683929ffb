import type { Campaign, Size } from './campaign.js';
import { type Figures, sum } from './figures.js';
import { Round } from './round.js';
import { Stage } from './stage.js';

export interface PlayOptions {
  seed: number;
  rounds: number;
  /** `full` unless given. */
  size?: Size;
  /** Another build than the checkout's. */
  dist?: string;
  /** Told of each round when it has ended. */
  ended?: (figures: Figures) => void;
}

/** Plays a campaign's rounds, with seeds one after the other, on one stage. */
export async function play(
  campaign: Campaign,
  { seed, rounds, size = 'full', dist, ended }: PlayOptions,
): Promise<Figures> {
  const seeds = Array.from({ length: rounds }, (_, offset) => seed + offset);
  const workers = size === 'short' ? Math.min(2, campaign.workers) : campaign.workers;
  const stage = await Stage.start({
    seed: seeds.flatMap((one) => campaign.organizations(one, size)),
    workers,
    latencyMs: campaign.latencyMs,
    ...(campaign.lagMs === undefined ? {} : { lagMs: campaign.lagMs }),
    ...(dist === undefined ? {} : { dist }),
  });
  try {
    const all: Figures[] = [];
    for (const one of seeds) {
      // A round that lost its workers hands none on.
      while (stage.workers.length < workers) await stage.startWorker();
      const figures = await new Round(stage, one, size).run(campaign);
      if (figures.violations.length > 0 && process.env['ORGSAGA_CAMPAIGN_LOG'] !== undefined)
        process.stderr.write(`${stage.log()}\n`);
      all.push(figures);
      ended?.(figures);
    }
    return sum(all);
  } finally {
    await stage.stop();
  }
}
