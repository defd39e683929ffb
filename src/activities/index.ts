import { approvalActivities } from './approval.js';
import { connectorActivities } from './connectors.js';
import type { ActivityDeps } from './deps.js';
import { driftActivities } from './drift.js';
import { planningActivities } from './planning.js';
import { rollbackActivities } from './rollback.js';
import { runActivities } from './run.js';
import { sagaActivities } from './saga.js';
import { stepActivities } from './steps.js';

/** Everything a worker can be asked to do, made of what a process brings along. */
export function createActivities(deps: ActivityDeps) {
  return {
    ...planningActivities(deps),
    ...approvalActivities(deps),
    ...driftActivities(deps),
    ...runActivities(deps),
    ...rollbackActivities(deps),
    ...sagaActivities(deps),
    ...stepActivities(deps),
    ...connectorActivities(deps),
  };
}
