import type { Change, Json, StepKind } from './model.js';

/** A change from `before` to `after`, null meaning that it is not there. */
export function change(step: string, kind: StepKind, key: string, before: Json, after: Json): Change {
  const action = after === null ? 'delete' : before === null ? 'create' : 'update';
  return { step, kind, key, action, before, after };
}
