import type { Ports } from '../../src/transaction/engine.js';
import { StepFailed } from '../../src/transaction/failure.js';
import type { Limits } from './model.js';
import type { Scenario } from './scenario.js';
import type { CallInput, Traced } from './trace.js';
import { runTransaction, type Sabotage } from './transaction.js';
import { type Direction, type Reply, World } from './world.js';

export const LIMITS: Limits = { do: 3, undo: 4 };

class PureCancel extends Error {}

/** Runs a scenario in this process: calls take turns of the microtask queue. */
export async function runPure(
  scenario: Scenario,
  sabotage?: Sabotage,
): Promise<{ world: World; seen: Traced }> {
  const world = new World(scenario);
  let cancelled = false;
  const asked: string[] = [];
  const call = async (direction: Direction, { step, call: number }: CallInput): Promise<Done> => {
    for (let failures = 0, tries = 0; ; ) {
      if (direction === 'do' && step === scenario.cancelAt) cancelled = true;
      const reply = world.attempt(direction, step, number);
      for (let tick = scenario.fates[step]?.ticks ?? 0; tick > 0; tick -= 1) await Promise.resolve();
      if (reply.type === 'done') return reply;
      if (reply.type === 'failed' && reply.refused) throw failure(step, reply);
      tries += 1;
      const exhausted = tries >= Math.max(1, LIMITS[direction] - failures);
      if (reply.type === 'notYet') {
        failures += tries - 1;
        tries = 0;
      } else if (exhausted && reply.type === 'failed') throw failure(step, reply);
      else if (exhausted) tries = 0;
      if (cancelled && direction === 'do') throw new PureCancel();
    }
  };
  const ports: Ports = {
    do: async ({ do: { input } }) => {
      const { effect } = await call('do', input as CallInput);
      return { effect };
    },
    undo: async ({ step, undo }) => {
      const { conflict } = await call('undo', undo?.input as CallInput);
      return { conflicts: conflict ? [{ step, field: '', before: 0, wrote: 1, found: 2 }] : [] };
    },
    cancelled: () => cancelled,
    decide: async ({ step }) => {
      asked.push(step);
      return world.decision(step, asked.filter((one) => one === step).length - 1);
    },
    changed: () => undefined,
  };
  const seen = await runTransaction(scenario, ports, {
    pause: () => Promise.resolve(),
    isCancellation: (error) => error instanceof PureCancel,
    shielded: (work) => work(),
    sabotage,
  });
  return { world, seen };
}

type Done = Extract<Reply, { type: 'done' }>;

function failure(step: string, { refused, mayBeApplied }: Extract<Reply, { type: 'failed' }>): StepFailed {
  const kind = refused ? 'refused' : 'unavailable';
  return new StepFailed({ step, kind, code: 'test', message: kind, mayBeApplied });
}
