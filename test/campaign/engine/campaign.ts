import type { SeedOrganization } from '../../../src/dev/github/index.js';
import type { Round } from './round.js';

/** `short` is for `npm test`: the same in some ten seconds. */
export type Size = 'full' | 'short';

/** One kind of bad luck. A round is drawn from a seed alone, so the same seed gives the same faults. */
export interface Campaign {
  /** As in `npm run campaign -- F1`. */
  id: string;
  title: string;
  /** How many seeds `npm run campaigns` gives it. */
  rounds: number;
  workers: number;
  latencyMs: number;
  /** How far behind reads may be; 0 unless given. */
  lagMs?: number;
  /** It replays its histories itself: they are of several builds. */
  ownReplay?: true;
  /** What a round needs; logins are the round's own. */
  organizations(seed: number, size: Size): SeedOrganization[];
  /** Throws where the system did not do what it was asked. Violations are the round's figures. */
  play(round: Round): Promise<void>;
}
