import type { RunRecord } from '../store/store.js';
import { isAtRest } from '../workflows/contract.js';
import { MOST_ROLLBACKS, rollbackRunId } from '../workflows/ids.js';
import type { RollbackInput } from '../workflows/rollback-contract.js';
import type { ActivityDeps } from './deps.js';
import { inverseItem } from './inverse-items.js';

type Deps = Pick<ActivityDeps, 'store' | 'stateOf' | 'hasParked'>;

/** A rollback that ended so leaves the run as it was before it. */
const UNDONE: readonly (string | null)[] = ['Refused', 'RolledBack', 'Cancelled'];

/** The kinds of runs whose every change knows its way back. */
const TAKEN_BACK: readonly string[] = ['apply', 'create-repo', 'onboard', 'rollback'];

/** Why a run cannot be rolled back, for a person; null where it can. */
export async function refusalOf(
  deps: Deps,
  run: string,
  { of, force }: RollbackInput,
  original: RunRecord | null,
): Promise<string | null> {
  if (original === null) return `there is no run ${of} in the workers' store; see \`orgsaga runs\``;
  if (!TAKEN_BACK.includes(original.kind))
    return `${of} is a run of ${original.kind}; a rollback takes back runs of apply, create-repo and onboard, and rollbacks`;
  const own = await deps.store.getRun(run);
  if (own !== null && own.endedAt !== null && own.state !== 'Refused')
    return `${run} was used by an earlier rollback, which ended ${own.state}, and its records are kept`;
  const open = await deps.stateOf(of);
  if (open === 'AwaitingApproval' || (open !== null && !isAtRest(open)))
    return `${of} is still going (${open}); stop and undo it instead: orgsaga cancel ${of}`;
  // Two undos of one item would each take the other's writes for somebody else's.
  if (open === 'Parked' || (await deps.hasParked(of)))
    return `a compensation of ${of} waits for a person; decide on it first: orgsaga status ${of}`;
  if (original.state === 'Refused') return `${of} was refused and has changed nothing`;
  const standing = await standingRollback(deps, of, run);
  if (standing !== null && (standing.open || !force))
    return `${of} has been rolled back by ${standing.run} already; see \`orgsaga status ${standing.run}\``;
  if (UNDONE.includes(original.state) && !(await hasAnythingLeft(deps, original)))
    return `${of} ended ${original.state}: nothing of it is left to take back`;
  return null;
}

/** The rollback of a run that has taken it back, or is about to; null where there is none, or it was taken back itself. */
async function standingRollback(
  deps: Deps,
  of: string,
  except: string | null,
): Promise<{ run: string; open: boolean } | null> {
  for (let number = MOST_ROLLBACKS; number >= 1; number -= 1) {
    const run = rollbackRunId(of, number);
    const known = run === except ? null : await deps.store.getRun(run);
    if (known === null || UNDONE.includes(known.state)) continue;
    if (known.endedAt === null && (await deps.stateOf(run)) !== null) return { run, open: true };
    // One that was ended from outside has taken back a part, which a new one finds done.
    if (known.endedAt !== null && (await standingRollback(deps, run, null)) === null)
      return { run, open: false };
  }
  return null;
}

async function hasAnythingLeft({ store }: Deps, { run, organizations }: RunRecord): Promise<boolean> {
  for (const organization of organizations) {
    let after: number | null = null;
    do {
      const page = await store.touchedItems(run, organization, 100, after);
      for (const key of page.items)
        if (inverseItem(await store.recordsOfItem(run, key), false) !== null) return true;
      after = page.next;
    } while (after !== null);
  }
  return false;
}
