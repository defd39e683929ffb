import type { ActivityDeps } from './deps.js';
import { planningActivities } from './planning.js';
import { runActivities } from './run.js';
import { stepActivities } from './steps.js';

/** Everything a worker can be asked to do, made of what a process brings along. */
export function createActivities(deps: ActivityDeps) {
  return { ...planningActivities(deps), ...runActivities(deps), ...stepActivities(deps) };
}
