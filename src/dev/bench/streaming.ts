import { fileURLToPath } from 'node:url';
import { countsOf } from './counts.js';
import { readsAtMost } from './figures.js';
import { historiesOf } from './histories.js';
import { expectTotal } from './measure.js';
import { type SystemOptions, startSystem } from './system.js';
import { OPEN_LANES, rightOrganization } from './workload.js';

const READER = fileURLToPath(new URL('./reader.js', import.meta.url));

/** No workflow of a run may have more events: far below where Temporal ends one (51,200). */
export const EVENTS_AT_MOST = 2_000;

/** An organisation that is as its file wants it, by a worker that has done nothing before. */
export interface Streamed {
  repositories: number;
  readsAtMost: number;
  requests: number;
  runMs: number;
  longest: { type: string; events: number };
  /** The most memory that a process has had, bytes: the worker of the run, and a program that reads and compares the same. */
  memory: { worker: number | null; stream: number; all: number };
}

/** What grows with an organisation, and what does not. @throws Error where there was something to do */
export async function measureStreaming(
  where: SystemOptions,
  sizes: readonly number[],
  say: (text: string) => void,
): Promise<Streamed[]> {
  const system = await startSystem(where);
  try {
    const streamed: Streamed[] = [];
    for (const repositories of sizes) {
      say(`${repositories} repositories that are right: a run, then page by page, then all at once…`);
      await system.github.reset(rightOrganization(repositories));
      await system.work(OPEN_LANES);
      const { run, runMs, totals } = await system.apply();
      expectTotal('inSync', repositories, totals);
      const { requests } = countsOf(await system.github.take());
      const { longest } = await historiesOf(system.address, run);
      const worker = system.memory();
      const peak = async (mode: 'stream' | 'all'): Promise<number> => {
        const { differing, peakBytes } = JSON.parse(await system.program(READER, mode)) as Read;
        if (differing > 0) throw new Error(`${differing} repositories are not as the file wants them.`);
        return peakBytes;
      };
      const memory = { worker, stream: await peak('stream'), all: await peak('all') };
      streamed.push({
        repositories,
        readsAtMost: readsAtMost(repositories),
        requests,
        runMs,
        longest,
        memory,
      });
    }
    return streamed;
  } finally {
    await system.stop();
  }
}

interface Read {
  differing: number;
  peakBytes: number;
}

/** Whether no run asked too much or had too long a history; memory depends on the machine and is looked at. */
export const boundsKept = (streamed: readonly Streamed[]): boolean =>
  streamed.every(
    ({ requests, readsAtMost: most, longest }) => requests <= most && longest.events <= EVENTS_AT_MOST,
  );
