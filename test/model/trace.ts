import type { Ports } from '../../src/transaction/engine.js';
import { StepFailed } from '../../src/transaction/failure.js';
import type { Journal } from '../../src/transaction/journal.js';
import type { Call } from '../../src/transaction/step.js';

/** How a call of a step's do ended. `unknown` and `refusedInDoubt` may have been applied. */
export type Report =
  | 'applied'
  | 'unchanged'
  | 'refused'
  | 'refusedInDoubt'
  | 'unavailable'
  | 'unknown'
  | 'cancelled';
export type UndoReport = 'undone' | 'conflict' | 'stuck';
export type Outcome = 'committed' | 'cancelled' | 'rolledBack' | 'failed' | 'kept';

/** What a transaction was seen to do, in order. */
export type Event =
  | { type: 'start' | 'undo'; step: string; call: number }
  | { type: 'end'; step: string; report: Report }
  | { type: 'undone'; step: string; report: UndoReport }
  | { type: 'decided'; step: string; decision: 'retry' | 'skip' }
  | { type: 'cancel' | 'again' }
  | { type: 'outcome'; outcome: Outcome };

export interface Traced {
  events: Event[];
  journal: Journal;
}

/** The same ports, and a note of everything that goes through them; the input of each call gets the call's number. */
export function traced(ports: Ports, events: Event[]): Ports {
  return {
    async do(step) {
      const call = events.push({ type: 'start', step: step.name, call: events.length });
      try {
        const done = await ports.do({ ...step, do: numbered(step.do, call - 1) });
        events.push({ type: 'end', step: step.name, report: done.effect });
        return done;
      } catch (error) {
        events.push({ type: 'end', step: step.name, report: reportOf(error) });
        throw error;
      }
    },
    async undo(entry) {
      const call = events.push({ type: 'undo', step: entry.step, call: events.length });
      try {
        const undo = entry.undo === null ? null : numbered(entry.undo, call - 1);
        const undone = await ports.undo({ ...entry, undo });
        const report = undone.conflicts.length > 0 ? 'conflict' : 'undone';
        events.push({ type: 'undone', step: entry.step, report });
        return undone;
      } catch (error) {
        events.push({ type: 'undone', step: entry.step, report: 'stuck' });
        throw error;
      }
    },
    async decide(entry, failure, journal) {
      const decision = await ports.decide(entry, failure, journal);
      events.push({ type: 'decided', step: entry.step, decision });
      return decision;
    },
    cancelled() {
      const cancelled = ports.cancelled();
      if (cancelled && !events.some(({ type }) => type === 'cancel')) events.push({ type: 'cancel' });
      return cancelled;
    },
    changed: (journal) => ports.changed(journal),
  };
}

function reportOf(error: unknown): Report {
  if (!(error instanceof StepFailed)) return 'cancelled';
  const { kind, mayBeApplied } = error.failure;
  if (kind === 'refused') return mayBeApplied ? 'refusedInDoubt' : 'refused';
  return mayBeApplied ? 'unknown' : 'unavailable';
}

/** The input of a call of the model's activities. */
export interface CallInput {
  step: string;
  call: number;
}

function numbered({ activity, input }: Call, call: number): Call {
  return { activity, input: { ...(input as { step: string }), call } satisfies CallInput };
}
