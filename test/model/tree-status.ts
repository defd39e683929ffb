import type { Node } from '../../src/transaction/step.js';
import type { StepModel } from './step-model.js';

type Steps = ReadonlyMap<string, StepModel>;

/** How a part of the tree stands: what it may do next, or how it ended. */
type Status = { is: 'open'; may: string[] } | { is: 'done' | 'refused' | 'failed' | 'cancelled' };

/** What was seen is not what a transaction may do. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

const may = (...events: string[]): Status => ({ is: 'open', may: events });

/** How a transaction stands; once it is cancelled no step starts. */
export function statusOf(node: Node, steps: Steps, cancelled: boolean, frame: string[] = []): Status {
  switch (node.type) {
    case 'step': {
      const { now, state } = stepOf(steps, node.step.name);
      if (now === 'running') return may();
      if (now !== 'idle') return { is: now };
      if (state === 'applied' || state === 'unchanged') return { is: 'done' };
      return cancelled ? { is: 'cancelled' } : may(`start ${node.step.name}`);
    }
    case 'sequence':
      for (const inner of node.nodes) {
        const status = statusOf(inner, steps, cancelled, frame);
        if (status.is !== 'done') return status;
      }
      return { is: 'done' };
    case 'parallel': {
      const all = node.nodes.map((inner) => statusOf(inner, steps, cancelled, frame));
      const open = all.flatMap((status) => (status.is === 'open' ? [status] : []));
      if (open.length > 0) return may(...open.flatMap((status) => status.may));
      const bad = all.filter(({ is }) => is !== 'done');
      return bad.find(({ is }) => is === 'cancelled') ?? bad[0] ?? { is: 'done' };
    }
    case 'nested': {
      const inside = [...frame, node.name];
      const status = statusOf(node.body, steps, cancelled, inside);
      if (status.is !== 'refused' && status.is !== 'failed') return status;
      const left = owed(steps, inside);
      if (left.is === 'open') return left;
      return node.onFailure === 'continue' ? { is: 'done' } : status;
    }
  }
}

/** The undo that a nested transaction, or the whole, has to do next: of what started last. */
export function owed(all: Steps, frame: string[]): Status {
  const [last] = [...all]
    .filter(([, { state }]) => state === 'started' || state === 'applied' || state === 'unknown')
    .filter(([, step]) => frame.every((name, depth) => step.frame[depth] === name))
    .toSorted(([, left], [, right]) => right.place - left.place);
  if (last === undefined) return { is: 'done' };
  return last[1].undoing === 'no' ? may(`undo ${last[0]}`) : may();
}

export function stepOf(steps: Steps, name: string): StepModel {
  const step = steps.get(name);
  if (step === undefined) throw new Violation(`there is no step ${name}`);
  return step;
}
