import type { Refusal, RunState, RunStatus } from '../workflows/contract.js';
import { NO_REQUESTS, NO_TOTALS } from '../workflows/totals.js';
import { combineExitCodes, EXIT, type ExitCode, type RunExitCode } from './exit-codes.js';

const REFUSAL: Record<Refusal, ExitCode> = {
  locked: EXIT.error,
  // The file names a team, login or repository that is not there.
  invalid: EXIT.usage,
  removals: EXIT.error,
  unauthenticated: EXIT.authentication,
  key: EXIT.error,
  failed: EXIT.error,
  exists: EXIT.error,
  approval: EXIT.error,
  state: EXIT.error,
};

const NEEDS_PERSON: readonly RunState[] = ['AwaitingApproval', 'AwaitingOperator', 'Parked'];
const UNDONE: readonly RunState[] = ['RolledBack', 'Cancelled'];

/** The exit code of a command that waited for a run, by where the run came to rest. */
export function exitCodeOfRun(status: RunStatus): ExitCode {
  if (status.state === 'Refused') return status.refusal === null ? EXIT.error : REFUSAL[status.refusal];
  const codes: RunExitCode[] = [];
  if (NEEDS_PERSON.includes(status.state)) codes.push(EXIT.needsPerson);
  if (UNDONE.includes(status.state)) codes.push(EXIT.rolledBack);
  // An undo closes a run's dead letters, so those still listed are left, as --keep leaves them. Discarded ones are in the totals only.
  if (status.deadLetters.length > 0) codes.push(EXIT.needsPerson);
  if (status.parked.length > 0 || status.conflicts.length > 0) codes.push(EXIT.needsPerson);
  return combineExitCodes(codes);
}

/** What `apply --json` and `watch --json` print. Fields may be added to it, never changed. */
export function applyJson(status: RunStatus): object {
  const { run, state, totals, requests, durationMs, deadLetters, reason, parked, conflicts, skipped } =
    status;
  return {
    run,
    state,
    totals: {
      repositories: totals.repositories,
      inSync: totals.inSync,
      committed: totals.committed,
      rolledBack: totals.rolledBack,
      deadLettered: totals.deadLettered,
      parked: totals.parked,
      cancelled: totals.cancelled,
      skipped: totals.skipped,
    },
    requests: { rest: requests.rest, graphql: requests.graphql, mutating: requests.mutating },
    durationMs,
    deadLetters,
    reason,
    parked,
    conflicts,
    skipped,
    ...(status.plan === undefined ? {} : { plan: status.plan }),
    ...(status.steps === undefined ? {} : { steps: status.steps }),
  };
}

/**
 * The same value for what was refused before there was a run of it, for the reason given. It names no run: whoever went on with the one
 * in the way would steer another's.
 */
export const refusedJson = (reason: string): object => ({
  run: null,
  state: 'Refused',
  totals: NO_TOTALS,
  requests: NO_REQUESTS,
  durationMs: 0,
  deadLetters: [],
  reason,
  parked: [],
  conflicts: [],
  skipped: [],
});
