import { AsyncLocalStorage } from 'node:async_hooks';

/** How the calls made inside wait for their turn. */
export interface CallContext {
  /** Undo goes before do. */
  priority?: 'do' | 'undo';
  /** Calls of different keys take turns. */
  fairnessKey?: string;
  /** Longest wait for a turn in milliseconds; a longer one fails as `unavailable`, unsent. */
  maxWaitMs?: number;
  /** Drops what still waits for its turn; what is sent already is awaited. */
  signal?: AbortSignal;
  /** Ends also what is sent already, as nobody waits for it any more; for other systems than GitHub. */
  abandoned?: AbortSignal;
}

const contexts = new AsyncLocalStorage<CallContext>();

/** Runs `work` with its calls to GitHub waiting as `context` says; what it leaves out is taken from around it. */
export function withCallContext<T>(context: CallContext, work: () => Promise<T>): Promise<T> {
  return contexts.run({ ...contexts.getStore(), ...context }, work);
}

/** Runs `work` with its calls waiting as the client has it by default: for what is sent for several. */
export function withoutCallContext<T>(work: () => Promise<T>): Promise<T> {
  return contexts.run({}, work);
}

export function callContext(): CallContext {
  return contexts.getStore() ?? {};
}
