import type { Node } from '../../src/transaction/step.js';
import type { Report } from './trace.js';
import type { Value } from './world.js';

export type State =
  | 'started'
  | 'applied'
  | 'unchanged'
  | 'refused'
  | 'unknown'
  | 'undone'
  | 'conflict'
  | 'skipped';

/** What the model knows of one step. */
export interface StepModel {
  frame: string[];
  state: State | null;
  /** Where it stands in the order of starts. */
  place: number;
  /** In this attempt of the whole. */
  now: 'idle' | 'running' | 'done' | 'refused' | 'failed' | 'cancelled';
  undoing: 'no' | 'running' | 'stuck';
  call: number;
  taken: { do: number; undo: number; decisions: number };
  inDoubt: boolean;
  value: Value;
  base: Value;
}

export const mayBe = (state: State | null): boolean => state === 'unknown' || state === 'started';

/** What the end of a do makes of its step; `earlier` where an earlier try may have been applied. */
export function endOf(report: Report, earlier: boolean): [State, StepModel['now']] {
  switch (report) {
    case 'applied':
      return ['applied', 'done'];
    case 'unchanged':
      return [earlier ? 'applied' : 'unchanged', 'done'];
    case 'refused':
      return [earlier ? 'unknown' : 'refused', 'refused'];
    case 'refusedInDoubt':
      return ['unknown', 'refused'];
    case 'unavailable':
      return [earlier ? 'unknown' : 'refused', 'failed'];
    case 'unknown':
      return ['unknown', 'failed'];
    case 'cancelled':
      return ['started', 'cancelled'];
  }
}

/** Names of all steps, each with the nested transactions around it. */
export function stepsOf(node: Node, frame: string[] = []): [string, string[]][] {
  if (node.type === 'step') return [[node.step.name, frame]];
  if (node.type === 'nested') return stepsOf(node.body, [...frame, node.name]);
  return node.nodes.flatMap((inner) => stepsOf(inner, frame));
}
