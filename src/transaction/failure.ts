/** Why a step's do or undo did not end well, as the transaction core needs to know it. */
export interface Failure {
  step: string;
  /**
   * `refused`: a repeat will be told the same, and this call had no effect.
   * `unavailable`: it may pass later.
   */
  kind: 'refused' | 'unavailable';
  message: string;
  /** One word for why, from the activity; `interrupted` where the worker was lost. */
  code: string;
  /** Whether some attempt of this step may have taken effect. */
  mayBeApplied: boolean;
  /** Of an undo: what it found still standing, where it says so itself. */
  stands?: Standing[];
}

/** Something that an undo found otherwise than it was to leave it. */
export interface Standing {
  field: string;
  /** What stands, or how much of it. */
  wrote: unknown;
  /** What the undo was to bring back; absent where it was to take away. */
  before?: unknown;
}

/** Thrown inside the core by a step that failed. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';

  constructor(readonly failure: Failure) {
    super(`${failure.step}: ${failure.message}`);
  }
}

/** Thrown inside the core where the transaction was cancelled before a step started. */
export class TransactionCancelled extends Error {
  override readonly name = 'TransactionCancelled';
}
