import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Refusal, RunState, RunStatus } from './contract.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';

/** Where a run stands: its state and what is said of it, in its status and as a search attribute. */
export class Standing {
  private current: RunState = 'Planning';
  private why: string | null = null;
  private refusal: Refusal | null = null;
  private endedAt: number | null = null;

  constructor(
    private now: string,
    /** Told after every change. */
    private readonly changed: () => void,
  ) {}

  get state(): RunState {
    return this.current;
  }

  get phase(): string {
    return this.now;
  }

  get reason(): string | null {
    return this.why;
  }

  /** Moves on; what is said of the phase is for a person. */
  set(state: RunState, phase: string, reason: string | null = this.why): void {
    const moved = state !== this.current;
    this.current = state;
    this.now = phase;
    this.why = reason;
    if (moved) upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.state, value: state }]);
    this.changed();
  }

  refuse(refusal: Refusal, reason: string): void {
    this.refusal = refusal;
    this.set('Refused', 'refused, nothing was changed', reason);
  }

  end(): void {
    this.endedAt = Date.now();
    this.changed();
  }

  status(): Pick<RunStatus, 'run' | 'state' | 'phase' | 'reason' | 'refusal' | 'startedAt' | 'durationMs'> {
    const { startTime, workflowId } = workflowInfo();
    return {
      run: workflowId,
      state: this.current,
      phase: this.now,
      reason: this.why,
      refusal: this.refusal,
      startedAt: startTime.toISOString(),
      durationMs: (this.endedAt ?? Date.now()) - startTime.getTime(),
    };
  }
}
