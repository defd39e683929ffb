import { execute, type Ports, unwind } from '../../src/transaction/engine.js';
import { StepFailed, TransactionCancelled } from '../../src/transaction/failure.js';
import { type Journal, toUndo } from '../../src/transaction/journal.js';
import type { Scenario } from './scenario.js';
import { type Event, type Outcome, type Traced, traced } from './trace.js';

/** What is wrong with the engine, for negative controls: a checker that lets these pass checks nothing. */
export type Sabotage = 'reversed' | 'late' | 'repeating' | 'deaf';

export interface TransactionOptions {
  /** Waits before the whole is tried again. @throws where it is cancelled meanwhile */
  pause(): Promise<void>;
  /** Whether an error is the cancel of whatever the ports are made of. */
  isCancellation(error: unknown): boolean;
  /** Runs what a cancel must not end. */
  shielded<T>(work: () => Promise<T>): Promise<T>;
  sabotage?: Sabotage | undefined;
}

/** A transaction as an item's workflow drives it: tried again where that may help, undone or kept where it failed. */
export async function runTransaction(
  { tree, attempts, checkpoint }: Pick<Scenario, 'tree' | 'attempts' | 'checkpoint'>,
  inner: Ports,
  options: TransactionOptions,
): Promise<Traced> {
  const events: Event[] = [];
  const journal: Journal = [];
  const ports = traced(sabotaged(inner, options.sabotage), events);
  const ended = (outcome: Outcome): Traced => {
    events.push({ type: 'outcome', outcome });
    return { events, journal };
  };
  const undo = () => options.shielded(() => undoing(options.sabotage)(journal, ports));
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await execute(tree, journal, ports);
        return ended('committed');
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        if (ports.cancelled()) throw new TransactionCancelled('cancelled when a step failed');
        if (error.failure.kind === 'refused' || attempt >= attempts) {
          if (checkpoint) return ended('kept');
          await undo();
          return ended('failed');
        }
        await options.pause();
        if (ports.cancelled()) throw new TransactionCancelled('cancelled before the next attempt');
        events.push({ type: 'again' });
        if (options.sabotage === 'repeating') forget(journal);
      }
    }
  } catch (error) {
    if (!options.isCancellation(error) && !(error instanceof TransactionCancelled)) throw error;
    ports.cancelled();
    await undo();
    return ended(journal.length === 0 ? 'cancelled' : 'rolledBack');
  }
}

function undoing(sabotage: Sabotage | undefined): (journal: Journal, ports: Ports) => Promise<void> {
  if (sabotage !== 'reversed') return unwind;
  return async (journal, ports) => {
    for (const entry of toUndo(journal).toReversed()) await unwind([entry], ports);
  };
}

function sabotaged(ports: Ports, sabotage: Sabotage | undefined): Ports {
  if (sabotage === 'deaf') return { ...ports, cancelled: () => false };
  return sabotage === 'late' ? late(ports) : ports;
}

/** As if a step's undo were registered only once its do has been reported done. */
function late(ports: Ports): Ports {
  return {
    ...ports,
    do: (step) =>
      ports.do(step).catch((error: unknown) => {
        if (!(error instanceof StepFailed)) throw error;
        throw new StepFailed({ ...error.failure, mayBeApplied: false });
      }),
  };
}

/** As if a second attempt knew nothing of what the first has finished. */
function forget(journal: Journal): void {
  for (const entry of journal) if (entry.state === 'applied') entry.state = 'unknown';
}
