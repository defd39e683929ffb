import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import {
  type ItemResult,
  type RunState,
  type RunStatus,
  statusQuery,
  WORKFLOWS,
} from '../workflows/contract.js';
import { MEMO_ORGANIZATIONS, MOST_ROLLBACKS, rollbackRunId } from '../workflows/ids.js';
import type { RollbackInput } from '../workflows/rollback-contract.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';
import { organizationsIn } from './organizations-in.js';

export type { RollbackInput } from '../workflows/rollback-contract.js';

/** For the workers to open a rollback, milliseconds, and between two looks at whether they have. */
const OPENED_WITHIN = 10_000;
const LOOK_EVERY = 100;

/** Where an earlier rollback stands; `ended` from outside it has no state. */
interface Standing {
  run: string;
  state: RunState | 'open' | 'ended';
  /** Items that it has not taken back, by its own word when it ended. */
  leftOut: number;
}

/** A rollback that ended so leaves the run as it was before it. */
const UNDONE: readonly Standing['state'][] = ['Refused', 'RolledBack', 'Cancelled', 'ended'];

/** Under this name of the memo a rollback keeps whether it was asked for with force: to be known without a worker. */
const MEMO_FORCE = 'orgsagaForce';

/**
 * Starts the rollback of a run, once however often it is asked for: one that is under way is given. Whether the run can be rolled
 * back, and under which id, the workers find out, who have the store: Temporal may have forgotten earlier rollbacks.
 * @throws ApiError `wrong_state` where it has been rolled back already, or is being rolled back with the other `force`
 */
export async function startRollback(
  client: Client,
  config: Config,
  input: RollbackInput,
): Promise<{ run: string; existing: boolean }> {
  let run = await firstGuess(client, input);
  for (const asked = new Set<string>(); ; asked.add(run)) {
    const existing = await begin(client, config, input, run);
    const instead = await insteadOf(client, run);
    if (instead === null || asked.has(instead)) {
      if (existing) await refuseOther(client, input, run);
      return { run, existing };
    }
    run = instead;
  }
}

/**
 * Nobody is given a rollback that does another thing than was asked for. Neither way: without force what others have changed would be left,
 * and with it overwritten, for somebody who had asked for the opposite and is told of success.
 */
async function refuseOther(client: Client, { of, force }: RollbackInput, run: string): Promise<void> {
  const { memo } = await client.workflow.getHandle(run).describe();
  const other = memo?.[MEMO_FORCE];
  // One of the release before this memo is joined, as it was then.
  if (other === undefined || other === force) return;
  const state = await stateOf(client, run);
  // Asked for at the same time as one that was refused: the reason is that one's, and nothing is done.
  if (state === 'Refused') return;
  const [is, leaves] = force
    ? ['without --force', 'leaves what others have changed since']
    : ['with --force', 'puts back also what others have changed since'];
  const does = state === 'open' ? 'is being' : 'has just been';
  throw new ApiError(
    `${of} ${does} rolled back ${is} by ${run}, which ${leaves}. Let it end (\`orgsaga watch ${run}\`; what waits there for a person: ` +
      `\`orgsaga status ${run}\`) or cancel it (\`orgsaga cancel ${run}\`), then ask again: orgsaga rollback ${of}${force ? ' --force' : ''}`,
    'wrong_state',
  );
}

/** The rollback to ask for by what Temporal knows. */
async function firstGuess(client: Client, { of, force }: RollbackInput): Promise<string> {
  const known = await rollbacksOf(client, of);
  const open = known.find(({ state }) => state === 'open');
  if (open !== undefined) return open.run;
  const standing = force ? undefined : await standingOf(client, known);
  // What an earlier one could not take back is known for certain by the workers, who have the store.
  if (standing !== undefined && isWhole(known.find(({ run }) => run === standing)))
    throw new ApiError(
      `${of} has been rolled back by ${standing} already; see \`orgsaga status ${standing}\`. What it left because somebody had changed it is put back with --force.`,
      'wrong_state',
    );
  const newest = known.at(-1);
  // One that was refused has left nothing under its id.
  const number = newest === undefined ? 1 : newest.number + (newest.state === 'Refused' ? 0 : 1);
  if (number > MOST_ROLLBACKS)
    throw new ApiError(`${of} has been rolled back ${MOST_ROLLBACKS} times.`, 'wrong_state');
  return rollbackRunId(of, number);
}

/** Starts the rollback of that id; true where it is there already. */
async function begin(client: Client, config: Config, input: RollbackInput, run: string): Promise<boolean> {
  const organizations = await organizationsOf(client, input.of);
  const [organization] = organizations;
  const refused = (await stateOf(client, run)) === 'Refused';
  try {
    await client.workflow.start(WORKFLOWS.rollback, {
      taskQueue: config.taskQueue,
      workflowId: run,
      workflowIdReusePolicy: refused ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.kind, value: 'run' },
        { key: SEARCH_ATTRIBUTES.run, value: run },
        { key: SEARCH_ATTRIBUTES.state, value: 'Planning' },
        ...(organization === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.org, value: organization }]),
      ],
      memo: { [MEMO_FORCE]: input.force, [MEMO_ORGANIZATIONS]: organizations },
      staticSummary: `Roll back ${input.of}`.slice(0, 200),
      staticDetails: `Asked by ${input.actor}. Watch: \`orgsaga watch ${run}\`; stop and bring back: \`orgsaga cancel ${run}\`.`,
      args: [input],
    });
    return false;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return true;
  }
}

/**
 * The rollback that the workers say is to be asked for instead of this one; null where it has been opened or refused for good. Where
 * no worker answers for a while nobody knows yet: then it stands, and whoever asks again is told.
 */
async function insteadOf(client: Client, run: string): Promise<string | null> {
  const handle = client.workflow.getHandle(run);
  for (const end = Date.now() + OPENED_WITHIN; Date.now() < end; await delay(LOOK_EVERY)) {
    const { status } = await handle.describe();
    if (status.name === 'COMPLETED') return ((await handle.result()) as RunStatus).instead ?? null;
    if (status.name !== 'RUNNING') return null;
    const known = await client.withDeadline(end, () => handle.query(statusQuery)).catch(() => null);
    // It knows its organisations from the moment at which it was opened.
    if (known !== null && (known.state !== 'Planning' || known.organizations.length > 0))
      return known.instead ?? null;
  }
  return null;
}

/** The status of a run that has ended, with the run that has taken it back. */
export async function withRollback(client: Client, status: RunStatus): Promise<RunStatus> {
  return { ...status, ...(await takenBackBy(client, status.run)) };
}

/** The rollback of a run that stands, by whether it has taken back all that it could. */
export async function takenBackBy(
  client: Client,
  run: string,
): Promise<Pick<RunStatus, 'rolledBackBy' | 'rollback'>> {
  const rollbacks = await rollbacksOf(client, run);
  const by = await standingOf(client, rollbacks);
  if (by === undefined) return {};
  return isWhole(rollbacks.find((one) => one.run === by)) ? { rolledBackBy: by } : { rollback: by };
}

const isWhole = (rollback: Standing | undefined): boolean =>
  rollback !== undefined && rollback.state !== 'open' && rollback.leftOut === 0;

/** The newest rollback that is under way, or has not been undone itself. */
export async function standingOf(client: Client, rollbacks: Standing[]): Promise<string | undefined> {
  for (const { run, state } of rollbacks.toReversed()) {
    if (UNDONE.includes(state)) continue;
    if (state === 'open' || (await standingOf(client, await rollbacksOf(client, run))) === undefined)
      return run;
  }
  return undefined;
}

/** Rollbacks of a run that Temporal knows, oldest first. */
export async function rollbacksOf(client: Client, of: string): Promise<(Standing & { number: number })[]> {
  const found: (Standing & { number: number })[] = [];
  let missing = 0;
  // What is older is forgotten first, so that one that is missing may have others after it.
  for (let number = 1; number <= MOST_ROLLBACKS && missing < 2; number += 1) {
    const run = rollbackRunId(of, number);
    const stands = await standsAt(client, run);
    if (stands === null) missing += 1;
    else found.push({ run, ...stands, number });
  }
  return found;
}

const stateOf = async (client: Client, run: string): Promise<Standing['state'] | null> =>
  (await standsAt(client, run))?.state ?? null;

async function standsAt(client: Client, run: string): Promise<Omit<Standing, 'run'> | null> {
  try {
    const handle = client.workflow.getHandle(run);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return { state: 'open', leftOut: 0 };
    if (status.name !== 'COMPLETED') return { state: 'ended', leftOut: 0 };
    const ended = (await handle.result()) as RunStatus;
    return { state: ended.state, leftOut: await leftOutNow(client, ended) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** For search; the store's own word follows as soon as the rollback is open. */
async function organizationsOf(client: Client, run: string): Promise<string[]> {
  try {
    return organizationsIn(await client.workflow.getHandle(run).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

/** Items that a rollback said it had left out, without those that were retried to success since. */
async function leftOutNow(client: Client, { notTakenBack = 0, deadLetters }: RunStatus): Promise<number> {
  let left = notTakenBack;
  for (const { workflowId } of notTakenBack === 0 ? [] : deadLetters) {
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name === 'COMPLETED' && ((await handle.result()) as ItemResult).outcome !== 'discarded')
      left -= 1;
  }
  return left;
}
