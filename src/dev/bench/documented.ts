import { countsOf, type RequestCounts, usedOf } from './counts.js';
import { expectTotal } from './measure.js';
import { type SystemOptions, startSystem } from './system.js';
import { benchOrganization, DOCUMENTED_LANES } from './workload.js';

/** Points of REST requests a minute under the secondary limits, as GitHub documents them: what binds this workload. */
const REST_POINTS = 900;

/** They share the limits. */
const WORKERS = 2;

/** A first apply at a GitHub with its documented limits, in real time. */
export interface Documented {
  repositories: number;
  wallMs: number;
  sent: RequestCounts;
  requestsEach: number;
  /** Of what may be written by REST in the whole minutes of the run, 0 to 1; null for a run of less than a minute. */
  restUsed: number | null;
}

/** @throws Error where not every repository was committed */
export async function measureDocumented(
  where: SystemOptions,
  repositories: number,
  say: (text: string) => void,
): Promise<Documented> {
  say(`${repositories} repositories at GitHub's documented limits, in real time…`);
  const system = await startSystem({ ...where, limits: 'documented' });
  try {
    await system.work(DOCUMENTED_LANES, WORKERS);
    await system.github.reset(benchOrganization(repositories));
    const { wallMs, totals } = await system.apply();
    expectTotal('committed', repositories, totals);
    const entries = await system.github.take();
    const sent = countsOf(entries);
    return {
      repositories,
      wallMs,
      sent,
      requestsEach: sent.requests / repositories,
      restUsed: usedOf(entries, ({ path }) => path !== '/graphql', REST_POINTS),
    };
  } finally {
    await system.stop();
  }
}
