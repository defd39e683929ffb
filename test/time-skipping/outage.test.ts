import { Context } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { GitHubError } from '../../src/github/errors.js';
import { createGate, type Gate } from '../../src/github/gate.js';
import type { Transition } from '../../src/github/lane-breakers.js';
import { sharedTurns } from '../../src/github/shared-turns.js';
import type { BreakerOrder } from '../../src/policies/breaker-orders.js';
import type { TurnLedger } from '../../src/policies/turn-notes.js';
import { OPEN } from '../github/support.js';
import { type FakeWorld, repository } from './fake-world.js';
import { timeSkipping } from './support.js';

const bench = timeSkipping();

const MINUTE = 60_000;
const STEPS = ['settings', 'topics', 'labels/a'];
const REPOSITORIES = 6;
/** DESIGN section 10, for the GitHub client. */
const breaker = { failure_threshold: 3, timeout: 30_000, success_threshold: 2 };

/** The real gate before a world's steps, on the time that skips. */
async function gated(world: FakeWorld, isDown: (now: number) => boolean, orders: BreakerOrder[] = []) {
  const { environment } = bench;
  let [skipped, at] = [await environment.currentTimeMs(), performance.now()];
  const now = (): number => skipped + performance.now() - at;
  const sync = async (): Promise<void> => {
    [skipped, at] = [await environment.currentTimeMs(), performance.now()];
  };
  const sent: number[] = [];
  const transitions: Transition[] = [];
  const ledger: TurnLedger = {
    noteTurns: async (_, decide) => void decide({ notes: [], orders, now: Date.now() }),
    forgetTurns: async () => {},
  };
  const gate: Gate = createGate({
    lanes: OPEN,
    breaker,
    now,
    turns: sharedTurns({ ledger, host: '', token: async () => 't', worker: 'w', lanes: OPEN }),
    probe: async () => !isDown(now()),
    onTransition: (transition) => transitions.push(transition),
  });
  const step = world.step.bind(world);
  world.step = async (direction, input) => {
    await sync();
    try {
      const pass = await gate.acquire({ lane: 'write', resource: 'core' }, { maxWaitMs: 20 });
      const fails = isDown(now());
      sent.push(now());
      world.fates.set(`${direction} ${input.item} ${input.change.step}`, fails ? 'unavailable' : 'ok');
      pass.settle(fails ? { health: 'failure', reason: 'status 502' } : { health: 'success' });
    } catch (error) {
      if (!(error instanceof GitHubError) || error.failure.kind !== 'unavailable') throw error;
      const { until, reason } = error.failure;
      const failures = Context.current().info.attempt - 1;
      const usage = { rest: 0, graphql: 0, mutating: 0 };
      return { status: 'notYet', waitMs: Math.max(50, until - now()), reason, usage, failures };
    }
    return step(direction, input);
  };
  return { sent, transitions, now };
}

function aWorld(repositories = REPOSITORIES): FakeWorld {
  const world = bench.world();
  const items = Array.from({ length: repositories }, (_, index) => `acme/r${index}`);
  world.pages = [items.map((item) => repository(item, STEPS))];
  return world;
}

const eventsOf = async (run: string, item: string): Promise<number> => {
  const history = await bench.environment.client.workflow.getHandle(`${run}/${item}`).fetchHistory();
  return history.events?.length ?? 0;
};

describe('an outage of GitHub', () => {
  it('of ten minutes makes no dead letter, and asks no more than the breaker does', async () => {
    const world = aWorld();
    const began = await bench.environment.currentTimeMs();
    const end = began + 10 * MINUTE;
    const { sent, transitions } = await gated(world, (now) => now < end);
    const run = await bench.apply(world);
    const { totals, state } = await run.ends();
    expect({ state, ...totals }).toMatchObject({
      state: 'Committed',
      committed: REPOSITORIES,
      deadLettered: 0,
    });
    // What was under way when the first failures came, and nothing after that until it was over.
    const inVain = sent.filter((at) => at < end);
    expect(inVain.length).toBeLessThanOrEqual(REPOSITORIES * STEPS.length);
    expect(Math.max(...inVain)).toBeLessThan(began + MINUTE);
    expect(Math.max(...sent) - end).toBeLessThan(2 * MINUTE);
    expect(transitions.map(({ to }) => to.state).filter((to) => to === 'open').length).toBeGreaterThanOrEqual(
      10,
    );
    expect(transitions.at(-1)).toMatchObject({ to: { state: 'closed' }, reason: 'GitHub is well again' });
    expect(await eventsOf(run.id, 'acme/r0')).toBeLessThan(1_000);
  });

  it('of a day keeps a history within what Temporal lets it be', async () => {
    const world = aWorld(1);
    const end = (await bench.environment.currentTimeMs()) + 24 * 60 * MINUTE;
    const { sent } = await gated(world, (now) => now < end);
    const run = await bench.apply(world);
    expect((await run.ends()).totals).toMatchObject({ committed: 1, deadLettered: 0 });
    expect(Math.max(...sent) - end).toBeLessThan(20 * MINUTE);
    // Temporal ends a workflow at 51,200 events.
    expect(await eventsOf(run.id, 'acme/r0')).toBeLessThan(6_000);
  });
});

describe('a lane that a person has isolated', () => {
  it('is waited for as long as it takes, and goes on when it is reset', async () => {
    const world = aWorld(1);
    const order = { lane: 'write', actor: 'ada', reason: 'an incident', at: 0 } as const;
    const orders: BreakerOrder[] = [{ ...order, id: 1, kind: 'isolate' }];
    const { sent } = await gated(world, () => false, orders);
    const run = await bench.apply(world);
    await bench.environment.sleep(20 * MINUTE);
    expect(sent).toEqual([]);
    orders.splice(0, 1, { ...order, id: 2, kind: 'reset' });
    expect((await run.ends()).totals).toMatchObject({ committed: 1, deadLettered: 0 });
  });
});
