import type { Target } from '../../standards/model.js';
import { isRefused } from '../errors.js';
import { type Fields, objects, textOrNull } from '../json.js';
import type { OperationContext } from './operation.js';
import { repository } from './target.js';

/**
 * Who has been given access to a repository, in words. A new one may have some: its maker, teams that look after security.
 * @throws GitHubError
 */
export async function accessTo(context: OperationContext, target: Target): Promise<string[]> {
  const teams = await known(context, target, 'GET /repos/{owner}/{repo}/teams');
  const people = await known(context, target, 'GET /repos/{owner}/{repo}/collaborators', {
    affiliation: 'direct',
  });
  return [
    ...teams.map(({ slug, permission }) => `access of team ${String(slug)} (${String(permission)})`),
    ...people.map((one) => `access of ${String(one['login'])} (${String(one['role_name'])})`),
  ];
}

/**
 * What else has been attached to a repository, in words; a new one has none of it.
 * @throws GitHubError
 */
export async function attachedTo(
  context: OperationContext,
  target: Target,
  branch: string | null,
): Promise<string[]> {
  const hooks = await known(context, target, 'GET /repos/{owner}/{repo}/hooks');
  const keys = await known(context, target, 'GET /repos/{owner}/{repo}/keys');
  const rulesets = await known(context, target, 'GET /repos/{owner}/{repo}/rulesets', {
    includes_parents: false,
  });
  return [
    ...hooks.map(({ id }) => `webhook ${String(id)}`),
    ...keys.map(({ id }) => `deploy key ${String(id)}`),
    ...rulesets.map((one) => `ruleset ${textOrNull(one['name']) ?? ''}`),
    ...(branch !== null && (await isProtected(context, target, branch)) ? [`protection of ${branch}`] : []),
  ];
}

async function isProtected({ github }: OperationContext, target: Target, branch: string): Promise<boolean> {
  try {
    await github.rest('GET /repos/{owner}/{repo}/branches/{branch}/protection', {
      ...repository(target),
      branch,
    });
    return true;
  } catch (error) {
    if (isHidden(error)) return false;
    throw error;
  }
}

async function known(
  { github }: OperationContext,
  target: Target,
  route: string,
  more: Record<string, string | boolean> = {},
): Promise<Fields[]> {
  try {
    return objects(await github.list(route, { ...repository(target), ...more }));
  } catch (error) {
    if (isHidden(error)) return [];
    throw error;
  }
}

/** The plan has no such thing, or the token may not see it; then nobody can say more. */
const isHidden = (error: unknown): boolean => isRefused(error, 403) || isRefused(error, 404);
