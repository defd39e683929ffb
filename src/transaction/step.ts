/**
 * A transaction as data. Nothing here is a closure: steps survive continue-as-new, cross from a child workflow to its
 * parent, can be shown by a query and be undone by another workflow later.
 */

/** One activity call. */
export interface Call {
  activity: string;
  input: unknown;
}

/** Which retry policy a step's calls run under; the numbers are the run's settings. */
export type RetryLevel = 'aggressive' | 'conservative';

export interface Step {
  /** Unique in its transaction. */
  name: string;
  do: Call;
  /** Copes with "never happened"; null for what leaves nothing behind. */
  undo: Call | null;
  level: RetryLevel;
}

/** A transaction's shape: steps one after the other, side by side, or nested with an undo of their own. */
export type Node =
  | { type: 'step'; step: Step }
  | { type: 'sequence'; nodes: Node[] }
  | { type: 'parallel'; nodes: Node[] }
  /** Undoes itself when it fails; then its parent fails too, or goes on without it. Its name is unique among its siblings. */
  | { type: 'nested'; name: string; body: Node; onFailure: 'fail' | 'continue' };

export const step = (value: Step): Node => ({ type: 'step', step: value });
export const sequence = (...nodes: Node[]): Node => ({ type: 'sequence', nodes });
export const parallel = (...nodes: Node[]): Node => ({ type: 'parallel', nodes });
export const nested = (name: string, body: Node, onFailure: 'fail' | 'continue' = 'fail'): Node => ({
  type: 'nested',
  name,
  body,
  onFailure,
});
