import { text } from '../github/json.js';
import { nameOfKey } from '../standards/item-key.js';
import { isObject } from '../standards/json.js';
import type { Json, PlannedItem } from '../standards/model.js';
import type { RunRecord } from '../store/store.js';
import { isAtRest } from '../workflows/contract.js';
import { MOST_ROLLBACKS, rollbackNumber, rollbackRunId } from '../workflows/ids.js';
import type { RollbackInput } from '../workflows/rollback-contract.js';
import type { ActivityDeps } from './deps.js';
import { inverseItem } from './inverse-items.js';
import { leftRepository } from './owed-steps.js';

type Deps = Pick<ActivityDeps, 'store' | 'stateOf' | 'hasParked'>;

/** A rollback that ended so leaves the run as it was before it. */
const UNDONE: readonly (string | null)[] = ['Refused', 'RolledBack', 'Cancelled'];

/** The kinds of runs whose every change knows its way back. */
const TAKEN_BACK: readonly string[] = ['apply', 'create-repo', 'onboard', 'rollback'];

/** Why a run cannot be rolled back, for a person, and the rollback to ask for instead where that would help. */
export interface RollbackRefusal {
  reason: string;
  instead?: string;
}

/** The rollback that asks: its id may be that of an earlier one which Temporal has forgotten, and the store has not. */
export interface Asking {
  run: string;
  /** Temporal's id of this execution. */
  execution: string | undefined;
}

/** Null where the run can be rolled back. */
export async function refusalOf(
  deps: Deps,
  asking: Asking,
  { of, force }: RollbackInput,
  original: RunRecord | null,
): Promise<RollbackRefusal | null> {
  const reason = await refusedFor(deps, of, original);
  if (reason !== null || original === null) return { reason: reason ?? of };
  const later = await laterRollback(deps, original);
  if (later !== null) return { reason: later };
  const own = await deps.store.getRun(asking.run);
  const used = own !== null && own.state !== 'Refused' && !isOwn(own, asking);
  const standing = await standingRollback(deps, of, { ...asking, used });
  if (standing !== null && (standing.open || !(force || (await hasLeftOut(deps, standing.run)))))
    return {
      reason: `${of} has been rolled back by ${standing.run} already; see \`orgsaga status ${standing.run}\``,
      ...(standing.open ? { instead: standing.run } : {}),
    };
  if (UNDONE.includes(original.state) && !(await hasAnythingLeft(deps, original)))
    return { reason: `${of} ended ${original.state}: ${await whyNothing(deps, original)}` };
  const deleted = await deletedBy(deps, original);
  if (deleted !== null)
    return {
      reason: `${of} has deleted ${deleted}, and what was in it cannot be brought back; create it again instead`,
    };
  return used ? elsewhere(deps, asking.run, of) : null;
}

async function refusedFor(deps: Deps, of: string, original: RunRecord | null): Promise<string | null> {
  if (original === null) return `there is no run ${of} in the workers' store; see \`orgsaga runs\``;
  if (!TAKEN_BACK.includes(original.kind))
    return `${of} is a run of ${original.kind}; a rollback takes back runs of apply, create-repo and onboard, and rollbacks`;
  const open = await deps.stateOf(of);
  if (open === 'AwaitingApproval' || (open !== null && !isAtRest(open)))
    return `${of} is still going (${open}); stop and undo it instead: orgsaga cancel ${of}`;
  // Two undos of one item would each take the other's writes for somebody else's.
  if (open === 'Parked' || (await deps.hasParked(of)))
    return `a compensation of ${of} waits for a person; decide on it first: orgsaga status ${of}`;
  return original.state === 'Refused' ? `${of} was refused and has changed nothing` : null;
}

/** Whether the record is that of the rollback that asks, which is asked for again because its answer was lost. */
function isOwn({ options, endedAt }: RunRecord, { execution }: Asking): boolean {
  const { execution: recorded } = options as { execution?: string };
  return recorded === undefined ? endedAt === null : recorded === execution;
}

/** The records of a rollback are kept under its id, so that another one needs an id of its own. */
async function elsewhere({ store }: Deps, run: string, of: string): Promise<RollbackRefusal> {
  let number = MOST_ROLLBACKS;
  while (number > 0 && (await store.getRun(rollbackRunId(of, number))) === null) number -= 1;
  if (number === MOST_ROLLBACKS) return { reason: `${of} has been rolled back ${MOST_ROLLBACKS} times` };
  const instead = rollbackRunId(of, number + 1);
  return {
    reason: `${run} was used by an earlier rollback, and its records are kept; ask again, for ${instead}`,
    instead,
  };
}

/** Whether a rollback that has ended could not take back some of the items: its dead letters were given up. */
async function hasLeftOut({ store }: Deps, run: string): Promise<boolean> {
  return (await store.listItems(run, ['deadLettered'], 1, null)).items.length > 0;
}

/** The rollback of a run that has taken it back, or is about to; null where there is none, or it was taken back itself. */
async function standingRollback(
  deps: Deps,
  of: string,
  asking: { run: string; used: boolean } | null,
): Promise<{ run: string; open: boolean } | null> {
  for (let number = MOST_ROLLBACKS; number >= 1; number -= 1) {
    const run = rollbackRunId(of, number);
    const namesake = run === asking?.run;
    const known = namesake && !asking.used ? null : await deps.store.getRun(run);
    if (known === null || UNDONE.includes(known.state)) continue;
    // What is open under the id of the one that asks is the one that asks.
    if (known.endedAt === null && !namesake && (await deps.stateOf(run)) !== null) return { run, open: true };
    // One that was ended from outside has taken back a part, which a new one finds done.
    if (known.endedAt !== null && (await standingRollback(deps, run, null)) === null)
      return { run, open: false };
  }
  return null;
}

/**
 * Why a rollback cannot be rolled back, with force or without: its run, or one that this run took back, has been rolled back once more
 * since, and what would be put back lies under what that one did. Null where no later one stands.
 */
async function laterRollback(deps: Deps, original: RunRecord | null): Promise<string | null> {
  const { of } = (original?.options ?? {}) as { of?: string };
  if (original?.kind !== 'rollback' || of === undefined) return null;
  const standing = await standingRollback(deps, of, null);
  if (standing === null || rollbackNumber(of, standing.run) <= rollbackNumber(of, original.run))
    return laterRollback(deps, await deps.store.getRun(of));
  return standing.open
    ? `${of} is being rolled back again by ${standing.run}; wait until that has ended: orgsaga watch ${standing.run}`
    : `${of} has been rolled back again since, by ${standing.run}, which stands; roll that one back first: orgsaga rollback ${standing.run}`;
}

async function hasAnythingLeft(deps: Deps, record: RunRecord): Promise<boolean> {
  for await (const _ of leftOf(deps, record)) return true;
  return false;
}

/** Why nothing can be taken back; a repository that the undo left is named, because only a person can remove it. */
async function whyNothing(deps: Deps, record: RunRecord): Promise<string> {
  for await (const key of touchedBy(deps, record)) {
    const [left] = leftRepository(await deps.store.recordsOfItem(record.run, key));
    const found = left?.found as Json | undefined;
    const changed = isObject(found) ? found['changed'] : null;
    if (Array.isArray(changed))
      return (
        `${nameOfKey(key)} was left, because somebody else had changed it (${changed.map(text).join(', ')}), and the rest is undone; ` +
        'look at it, and delete it by hand where nobody needs it'
      );
  }
  return 'nothing of it is left to take back';
}

/** The repository that taking back a rollback would have to make again; what was in it is lost. */
async function deletedBy(deps: Deps, record: RunRecord): Promise<string | null> {
  if (record.kind !== 'rollback') return null;
  for await (const { item, changes } of leftOf(deps, record))
    if (changes.some(({ kind, before, after }) => kind === 'repository' && before === null && after !== null))
      return item;
  return null;
}

/** Items of a run with what would take them back, those with nothing left aside. */
async function* leftOf(deps: Deps, record: RunRecord): AsyncGenerator<PlannedItem> {
  for await (const key of touchedBy(deps, record)) {
    const planned = inverseItem(await deps.store.recordsOfItem(record.run, key), false);
    if (planned !== null) yield planned;
  }
}

/** Keys of the items that a run has touched. */
async function* touchedBy({ store }: Deps, { run, organizations }: RunRecord): AsyncGenerator<string> {
  for (const organization of organizations) {
    let after: number | null = null;
    do {
      const page = await store.touchedItems(run, organization, 100, after);
      yield* page.items;
      after = page.next;
    } while (after !== null);
  }
}
