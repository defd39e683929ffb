import { CancellationScope } from '@temporalio/workflow';
import type { RunState } from './contract.js';

/** What a cancel has to know of its run, and what it makes it do. */
export interface Cancellable {
  state(): RunState;
  /** Whether anything has been begun that could be kept. */
  begun(): boolean;
  /** Whether it is on its way back already, so that a cancel changes nothing. */
  undoing(): boolean;
  /** Lets what is under way come to its end, and begins nothing after it. */
  windDown(): void;
  /** Closes the store to everything forward of the run. */
  close(): Promise<null>;
}

/** The cancel of a run: once, and the first one says whether what was done is undone or kept. */
export class RunCancel {
  /** Everything forward runs in here; a cancel ends it, and the compensation outside it goes on. */
  readonly forward = new CancellationScope();
  private asked = false;
  private keeping = false;
  private closed: Promise<null> | null = null;

  constructor(private readonly run: Cancellable) {}

  get requested(): boolean {
    return this.asked;
  }

  /** Whether the run is to stop and keep what it has done. */
  get keeps(): boolean {
    return this.keeping;
  }

  /** Accepted is what changes something: the first, of a run that is not being undone already. */
  async request(keep: boolean): Promise<{ accepted: boolean; state: RunState }> {
    const accepted = !this.asked && !this.run.undoing();
    this.asked = true;
    if (keep && this.run.begun()) {
      this.keeping = true;
      this.run.windDown();
    } else if (!this.keeping) {
      this.forward.cancel();
      await this.stop();
    }
    return { accepted, state: this.run.state() };
  }

  /** A cancel takes a moment to reach what is under way; no step begins in it (G8). */
  stop(): Promise<null> {
    this.closed ??= CancellationScope.nonCancellable(() => this.run.close());
    return this.closed;
  }
}
