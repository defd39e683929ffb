import { describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { createActivities } from '../../src/activities/index.js';
import { operations } from '../../src/github/operations/index.js';
import { CHANGE_KINDS } from '../../src/standards/model.js';
import { STEP_ACTIVITIES } from '../../src/workflows/step-names.js';
import { SETTINGS } from './support.js';

/** What workflows ask for beside steps. */
const OTHERS = [
  'openRun',
  'acquireLock',
  'releaseLock',
  'planOrganization',
  'countRemovals',
  'planPage',
  'replanItems',
  'planItem',
  'recordOutcomes',
  'listItems',
  'loadChanges',
  'beginPlan',
  'planForApproval',
  'identifyPlan',
  'recordApproval',
  'stopRun',
  'recordRun',
  'openDrift',
  'checkOrganization',
  'checkPage',
  'recordDrift',
  'untilAtRest',
  'openRollback',
  'closeRolledBack',
  'planRollback',
  'countRollback',
  'openSaga',
  'checkSaga',
  'recordSaga',
  'runConnector',
  'compensateConnector',
];

describe('the activities of a worker', () => {
  const activities = createActivities({ settings: SETTINGS } as ActivityDeps);
  const steps = CHANGE_KINDS.flatMap((kind) => [STEP_ACTIVITIES[kind].do, STEP_ACTIVITIES[kind].undo]);

  it('are named as the operations name themselves', () => {
    for (const kind of CHANGE_KINDS) {
      const { do: forward, undo } = STEP_ACTIVITIES[kind];
      expect({ kind, names: { do: forward, undo } }).toEqual({ kind, names: operations[kind].names });
      expect(operations[kind].kind).toBe(kind);
    }
  });

  it('are all there, and no more than are asked for', () => {
    expect(Object.keys(activities).toSorted()).toEqual([...steps, ...OTHERS].toSorted());
  });

  it('share no name', () => {
    expect(new Set([...steps, ...OTHERS]).size).toBe(steps.length + OTHERS.length);
  });
});
