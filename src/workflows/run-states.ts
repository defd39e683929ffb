/** Where a run stands. At rest is every state but Planning, Running, Compensating. */
const RUN_STATES = [
  'Planning',
  'AwaitingApproval',
  'Running',
  'AwaitingOperator',
  'Compensating',
  'Committed',
  'RolledBack',
  'Parked',
  'Cancelled',
  'Refused',
] as const;
export type RunState = (typeof RUN_STATES)[number];

const MOVING: readonly RunState[] = ['Planning', 'Running', 'Compensating'];
/** Whether nothing happens any more by itself, except that a deadline may pass. */
export const isAtRest = (state: RunState): boolean => !MOVING.includes(state);
