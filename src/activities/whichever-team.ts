import { anotherTeam } from '../github/operations/same-team.js';
import { isMadeBy } from '../github/operations/team-marker.js';
import { whereTeamIs } from '../github/read/team-ids.js';
import { unforced } from '../standards/inverse.js';
import { itemKey, itemKindOf } from '../standards/item-key.js';
import type { Change, Json } from '../standards/model.js';
import type { StepInput } from '../workflows/contract.js';
import type { ActivityDeps } from './deps.js';
import { owedBy } from './owed-steps.js';
import type { StepWork } from './step.js';
import { isMadeAgain, keptTeam } from './teams.js';
import { whereverItIs } from './wherever.js';
import type { MadeContext, WorkOf } from './work-of.js';

/**
 * Does a step's work, and where that takes back what was done to a team, to the one that the run meant: its id proves it, whatever slug it
 * has by now, and another that has its old slug is left alone. With a team that is gone its members and its access to repositories are
 * gone: nothing is left to take back of what the run gave; what it took away, and settings of a team that it did not make, is a conflict.
 */
export async function whicheverTeam<T>(
  deps: Pick<ActivityDeps, 'store'>,
  input: StepInput,
  direction: 'do' | 'undo',
  more: MadeContext,
  workOf: WorkOf,
  act: (work: StepWork) => Promise<T>,
): Promise<T> {
  const { target, change } = input;
  const asUsual = (known: MadeContext): Promise<T> =>
    whereverItIs(deps, input, direction, known, workOf, act);
  const [slug = '', ...login] = slugAndLogin(change);
  if (slug === '') return asUsual(more);
  if (direction === 'do' && change.restore === undefined)
    return asUsual({ ...more, ...(await meantTeam(deps, input, slug)) });
  if (direction === 'undo' && !(await isOwed(deps, input))) return asUsual(more);
  const origin = change.restore?.origin ?? input.run;
  const kept = await keptTeam(deps, origin, target.owner, slug);
  const id = kept ?? (change.kind === 'team_repository' ? (change.team ?? 0) : target.id);
  // Nobody knows it: the run is from before ids were kept.
  if (id === 0) return asUsual(more);
  const { github } = workOf(input, more).context;
  const now = await whereTeamIs(github, target.owner, { id, slug }, (team) => isMadeBy(team, origin));
  if (now.slug !== null) {
    // One that was made again meanwhile is the one that is meant, though no plan has its id.
    const isTheTeam = change.kind !== 'team_repository' && target.id !== 0;
    const meant = isTheTeam ? { ...input, target: { ...target, id } } : input;
    const key = now.slug === slug ? {} : { key: [now.slug, ...login].join('/') };
    return whereverItIs(deps, meant, direction, { ...more, ...key }, workOf, act);
  }

  const madeAgain =
    now.namesake !== null &&
    kept === null &&
    (await isMadeAgain(deps, origin, itemKey('team', `${target.owner}/teams/${slug}`)));
  // Its id is not kept where the answer was lost.
  if (madeAgain) return asUsual(more);

  const { wrote, goesBackTo } = turn(change, direction);
  // One that the run removed is made again, where no other has its slug.
  if (change.kind === 'team' && goesBackTo !== null) return asUsual(more);
  const nothingLeft = change.kind === 'team_settings' ? kept !== null : wrote !== null;
  const why = goneInWords(`${target.owner}/${slug}`, now.namesake);
  const absent = { found: nothingLeft ? goesBackTo : { changed: [why] }, why };
  return act(workOf({ ...input, change: unforced(change) }, { ...more, absent }).work);
}

/**
 * The team that a step going forward is for: the one that its run has made or found, or that of its plan.
 * @throws GitHubError refused where a plan that was made later has seen another one by its name
 */
async function meantTeam(
  deps: Pick<ActivityDeps, 'store'>,
  { run, target, change }: StepInput,
  slug: string,
): Promise<Pick<MadeContext, 'team'>> {
  const planned = (change.kind === 'team_repository' ? change.team : target.id) ?? 0;
  const kept = await keptTeam(deps, run, target.owner, slug);
  if (kept !== null && planned !== 0 && planned !== kept)
    throw anotherTeam(`${target.owner}/${slug}`, planned, kept);
  const team = kept ?? planned;
  return team === 0 ? {} : { team };
}

/** A step that has nothing to undo asks GitHub for nothing, so that it ends also where GitHub refuses. */
async function isOwed(
  { store }: Pick<ActivityDeps, 'store'>,
  { run, item, change }: StepInput,
): Promise<boolean> {
  const records = await store.recordsOfStep(run, itemKey(itemKindOf(change.kind), item), change.step);
  return owedBy(records) !== null;
}

/** The team that a change is about, and whose membership; nothing where it is about none. */
function slugAndLogin({ kind, key }: Change): string[] {
  if (kind === 'team_member') return key.split('/');
  return kind === 'team' || kind === 'team_settings' || kind === 'team_repository' ? [key] : [];
}

function turn(
  { before, after, restore }: Change,
  direction: 'do' | 'undo',
): { wrote: Json; goesBackTo: Json } {
  return restore !== undefined && direction === 'do'
    ? { wrote: before, goesBackTo: after }
    : { wrote: after, goesBackTo: before };
}

function goneInWords(name: string, namesake: number | null): string {
  const gone = 'deleted with its team';
  return namesake === null ? gone : `${gone}; ${name} is another team now (id ${namesake})`;
}
