import { setTimeout as pause } from 'node:timers/promises';
import type { RequestEntry } from '../../../src/dev/github/index.js';
import { named, type Round } from './round.js';
import type { Stage, StageWorker } from './stage.js';

/** How long a write is left hanging for its worker to be killed; the client's own time-out is 1.6 s. */
const HANG_MS = 1_500;
const LOOK_EVERY_MS = 20;
/** For a write to come by. */
const PATIENCE_MS = 6_000;

const LAST_TOO = 0.15;
const TRIES = 20;

export interface Plan {
  kills: number;
  /** Of the kills, between a write's effect and its answer. */
  inWindow: number;
  /** Of the kills, the Temporal server's. */
  servers: number;
  /** Between two kills, at least and at most. */
  everyMs: readonly [number, number];
}

/** Whether the work has ended within so many milliseconds. */
type EndsWithin = (ms: number) => Promise<boolean>;

/** Kills by a plan that is drawn from the round's seed before the first kill, until the plan or the work is at its end. */
export async function whileKilling<T>(round: Round, plan: Plan, work: Promise<T>): Promise<T> {
  const ended = work.then(
    () => 'ended',
    () => 'ended',
  );
  const endsWithin: EndsWithin = async (ms) => (await Promise.race([ended, pause(ms)])) === 'ended';
  const restarts: Promise<unknown>[] = [];
  for (const { waitMs, share, kind } of drawn(round, plan)) {
    if (await endsWithin(waitMs)) break;
    if (kind === 'server') {
      round.killed('servers');
      await round.stage.crashServer(share * 1_000);
      continue;
    }
    const { workers } = round.stage;
    // Once in a while the last worker alive is killed too, and everything waits for the next one.
    if (share > LAST_TOO) while (workers.length < 2) if (await endsWithin(LOOK_EVERY_MS)) break;
    const victim =
      kind === 'window'
        ? await inWindow(round, Math.floor(share * 8), endsWithin)
        : workers[Math.floor(share * workers.length)];
    if (victim === undefined) continue;
    round.killed('workers');
    const killed = victim.kill();
    const replaced = killed.then(() => replacement(round.stage));
    // Judged below; until then a failure must not end the process.
    replaced.catch(() => undefined);
    restarts.push(replaced);
    await killed;
  }
  const result = await work;
  await Promise.all(restarts);
  return result;
}

/** A worker that is started while the server is down says so and ends, as it does for a person, who starts it again. */
async function replacement(stage: Stage): Promise<StageWorker> {
  for (let tries = 1; ; tries++)
    try {
      return await stage.startWorker();
    } catch (error) {
      if (tries === TRIES) throw error;
      await pause(500);
    }
}

interface Kill {
  waitMs: number;
  /** 0 to 1, for whatever else must be drawn. */
  share: number;
  kind: 'window' | 'instant' | 'server';
}

function drawn(
  { random }: Round,
  { kills, inWindow: windows, servers, everyMs: [least, most] }: Plan,
): Kill[] {
  return Array.from({ length: kills }, (_, index) => ({
    waitMs: least + random() * (most - least),
    share: random(),
    // Spread over the plan, not one kind after the other.
    kind: hits(index, servers, kills)
      ? 'server'
      : hits(index, windows, kills - servers)
        ? 'window'
        : 'instant',
  }));
}

/** Whether the index is one of `some` spread evenly over `all`. */
const hits = (index: number, some: number, all: number): boolean =>
  Math.floor(((index + 1) * some) / all) > Math.floor((index * some) / all);

/** Lets a write take effect, holds its answer back, and gives the worker that waits for it. */
async function inWindow(
  round: Round,
  skip: number,
  endsWithin: EndsWithin,
): Promise<StageWorker | undefined> {
  const { stage, seed } = round;
  const { github } = stage;
  const mark = await github.mark();
  const rule = { match: { write: true }, kind: 'hang', when: 'after', ms: HANG_MS, skip, times: 1 } as const;
  const [id = ''] = await github.addFaults([named('kill', `${seed}-${mark}`, rule)]);
  try {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
      if (await endsWithin(LOOK_EVERY_MS)) return undefined;
      if (!(await github.struck(id))) continue;
      const held = (await github.since(mark)).find(
        (entry): entry is RequestEntry => entry.type === 'request' && entry.fault === id,
      );
      const victim = stage.workers.find(({ fingerprint }) => fingerprint === held?.token);
      if (victim !== undefined && held?.status === 0) round.figures.kills.inWindow += 1;
      return victim;
    }
    return undefined;
  } finally {
    await github.removeFault(id);
  }
}
