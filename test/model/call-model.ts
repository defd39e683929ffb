import type { DoFate, UndoFate } from './scenario.js';
import type { Report, UndoReport } from './trace.js';

/** What one call of a step came to, predicted from the fates of its attempts. */
interface Predicted<R> {
  report: R;
  /** Attempts that it took. */
  attempts: number;
}

/**
 * A call under a retry policy of `limit` attempts in all: waiting uses up none; where the last one allowed was never
 * answered, the call is made again.
 */
class Policy {
  private failed = 0;
  private tried = 0;

  constructor(private readonly limit: number) {}

  notYet(): void {
    this.failed += this.tried;
    this.tried = 0;
  }

  /** Whether this one was the last. */
  failure(): boolean {
    this.tried += 1;
    return this.tried >= Math.max(1, this.limit - this.failed);
  }

  silence(): void {
    if (this.failure()) this.tried = 0;
  }
}

/** What a do reports whose attempts meet these fates; `inDoubt` where an earlier call may have been applied. */
export function predictDo(
  fates: DoFate[],
  limit: number,
  { inDoubt, right }: { inDoubt: boolean; right: boolean },
): Predicted<Report> {
  const policy = new Policy(limit);
  for (let attempts = 1, doubt = inDoubt; ; attempts += 1) {
    const fate = fates[attempts - 1] ?? 'ok';
    if (fate === 'ok') return { report: right ? 'unchanged' : 'applied', attempts };
    if (fate === 'refused') return { report: doubt ? 'refusedInDoubt' : 'refused', attempts };
    if (fate === 'notYet') policy.notYet();
    else {
      doubt ||= fate !== 'unavailable';
      if (fate === 'silentBefore' || fate === 'silentAfter') policy.silence();
      else if (policy.failure()) return { report: doubt ? 'unknown' : 'unavailable', attempts };
    }
  }
}

export function predictUndo(
  fates: UndoFate[],
  limit: number,
  ours: (tried: UndoFate[]) => boolean,
): Predicted<UndoReport> {
  const policy = new Policy(limit);
  for (let attempts = 1; ; attempts += 1) {
    const fate = fates[attempts - 1] ?? 'ok';
    if (fate === 'ok') return { report: 'undone', attempts };
    if (fate === 'conflict')
      return { report: ours(fates.slice(0, attempts - 1)) ? 'conflict' : 'undone', attempts };
    if (fate === 'refused') return { report: 'stuck', attempts };
    if (fate === 'silentBefore' || fate === 'silentAfter') policy.silence();
    else if (policy.failure()) return { report: 'stuck', attempts };
  }
}

export const appliesDo = (fate: DoFate): boolean =>
  fate === 'ok' || fate === 'leaked' || fate === 'silentAfter';
export const leavesDoubt = (fate: DoFate): boolean =>
  fate !== 'refused' && fate !== 'unavailable' && fate !== 'notYet';
export const restores = (fate: UndoFate): boolean =>
  fate === 'ok' || fate === 'leaked' || fate === 'silentAfter';
