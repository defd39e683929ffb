import { GitHubError } from '../github/errors.js';
import { branchProtection } from '../github/operations/branch-protection.js';
import { type MadeRepository, readMade } from '../github/operations/made-repository.js';
import type { OperationContext } from '../github/operations/operation.js';
import type { Change, JsonObject, Target } from '../standards/model.js';
import { mergeProtection } from '../standards/protection.js';
import type { StepInput } from '../workflows/contract.js';
import { NotYet, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';

/** Under this name of the store's results a run keeps the repository that it made, whatever its step is called. */
export const MADE = 'made repository';

/** And under this one what is to be told of a repository that it took up. */
export const TAKEN_UP = 'repository taken up';

/** GitHub may not know for so long what it has just made (DESIGN section 7), and how soon to ask again, milliseconds. */
const NEW_MS = 30_000;
const AGAIN_MS = 1_000;

/** The key of a change to the branch that GitHub makes the default. */
export const DEFAULT_BRANCH = '$default';

type Deps = Pick<ActivityDeps, 'store' | 'now'>;

/** The repository that a run made; null where it made none, or its answer was lost and nobody has looked since. */
export async function madeBy(
  { store }: Pick<Deps, 'store'>,
  run: string,
  item: string,
): Promise<MadeRepository | null> {
  return (await store.getStepResult(run, item, MADE)) as MadeRepository | null;
}

/** The number of the issue that a step has opened, and what keeps it. */
export async function openedBy(
  { store }: Pick<Deps, 'store'>,
  run: string,
  { item, change: { step } }: StepInput,
): Promise<Required<Pick<OperationContext, 'opened' | 'keepIssue'>>> {
  return {
    opened: (await store.getStepResult(run, item, step)) as number | null,
    keepIssue: (number) => store.saveStepResult(run, item, step, number),
  };
}

/** Remembers the repository that a step has just made, once. @throws GitHubError */
export async function rememberMade(deps: Deps, context: OperationContext, input: StepInput): Promise<void> {
  const { run, item, target, change } = input;
  if ((await madeBy(deps, run, item)) !== null) return;
  const made = await readMade(context, target, deps.now());
  await deps.store.saveStepResult(run, item, change.step, made);
  await deps.store.saveStepResult(run, item, MADE, made);
}

/** The ids of what was made, where the plan could not know them. */
export function pinned(target: Target, made: MadeRepository | null): Target {
  if (target.id !== 0 || made === null) return target;
  const { id, node_id, default_branch } = made;
  return { ...target, id, node_id, default_branch };
}

/** `$default` by its name, its protection merged with what is there. @throws GitHubError, StepError */
export async function withBranch(
  context: OperationContext,
  target: Target,
  change: Change,
  direction: 'do' | 'undo',
): Promise<Change> {
  if (change.kind !== 'branch_protection' || change.key !== DEFAULT_BRANCH) return change;
  const { default_branch: key, owner, name } = target;
  if (key === null) {
    if (direction === 'undo') return change;
    throw new StepError(`${owner}/${name} has no branch to protect`, 'refused', 'conflict', false);
  }
  const named = { ...change, key };
  const live = direction === 'do' ? await branchProtection.read(context, target, named) : null;
  return { ...named, after: mergeProtection(live as JsonObject | null, change.after as JsonObject) };
}

/** Until when a 404 about a repository that this run made is no answer, milliseconds since 1970; 0 where it made none. */
export async function newUntil(
  deps: Deps,
  made: MadeRepository | null,
  { run, item, change }: StepInput,
): Promise<number> {
  if (made !== null) return made.made_at + NEW_MS;
  if (change.kind !== 'repository') return 0;
  const records = await deps.store.recordsOfStep(run, item, change.step);
  const applied = records.findLast(({ direction, outcome }) => direction === 'do' && outcome === 'applied');
  return applied?.concludedAt === undefined ? 0 : (applied.concludedAt ?? 0) + NEW_MS;
}

/** A 404 about a repository that is new is no answer yet: asked again shortly, which uses up no attempt. */
export function notYetWhileNew(error: unknown, until: number, now: number): unknown {
  if (now >= until || !isNotFound(error)) return error;
  return new NotYet(now + AGAIN_MS, 'GitHub does not show the new repository everywhere yet');
}

function isNotFound(error: unknown): boolean {
  if (error instanceof StepError) return error.code === 'not_found' && !error.mayBeApplied;
  return error instanceof GitHubError && error.failure.kind === 'refused' && error.failure.status === 404;
}

/** Whether a step is about a repository that did not exist when it was planned, or needs to know what was made. */
export function isSagaStep({ target, change }: StepInput): boolean {
  const unknown = target.id === 0 && target.name !== '';
  return unknown || change.kind === 'repository' || change.kind === 'issue' || change.key === DEFAULT_BRANCH;
}

/** When the run began, for lists that may be long. */
export async function startOf({ store }: Pick<Deps, 'store'>, run: string): Promise<number | null> {
  return (await store.getRun(run))?.startedAt ?? null;
}
