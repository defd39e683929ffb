import type { JsonObject, Target } from '../../standards/model.js';
import { mergeProtection } from '../../standards/protection.js';
import { GitHubError, isRefused } from '../errors.js';
import { isObject, object, objects, toJsonObject } from '../json.js';
import { protectionOfRest, protectionOfRule } from '../read/protection.js';
import { extrasOf, readExtras } from '../read/protection-extras.js';
import { gathered } from './gathered.js';
import type { Operation, OperationContext } from './operation.js';
import { namesApps } from './protection-apps.js';
import {
  deleteProtectionRule,
  isPattern,
  keepApps,
  plannedRule,
  saveProtectionRule,
} from './protection-rule.js';
import { readTarget, repository } from './target.js';

const ROUTE = '/repos/{owner}/{repo}/branches/{branch}/protection';

/**
 * The protection rule with exactly that pattern: REST for a branch that is there, GraphQL for a wildcard, for a
 * branch that is not there yet, and for what REST's PUT cannot say. Rules of others with wider patterns are left alone.
 */
export const branchProtection: Operation = {
  kind: 'branch_protection',
  names: { do: 'protectBranch', undo: 'restoreBranchProtection' },
  owns: 'fields',
  idempotent: true,
  over,
  // A plan does not ask for what a file cannot name, and what is removed is to come back with it.
  looksFirst: ({ after }) => after === null,
  async read(context, target, { key, after }) {
    const live = await exact(context, target, key);
    // Only what is taken back or removed can lose what no file names.
    const asks = live !== null && (context.takesBack !== undefined || after === null);
    return asks ? { ...live, ...(await readExtras(context.github, target, key)) } : live;
  },
  async write(context, target, change, from, to) {
    const { key } = change;
    if (!isObject(to)) return remove(context, target, key);
    const body = toJsonObject(to);
    const payload = await gathered(context, await plannedRule(context, target, change, from, body));
    if (payload !== undefined) {
      // What cannot be read of it afterwards is not known.
      const rule = payload['branchProtectionRule'];
      return isObject(rule) && typeof rule['pattern'] === 'string' ? protectionOfRule(rule) : undefined;
    }
    if (isPattern(key) || Object.keys(extrasOf(body)).length > 0) return save(context, target, key, body);
    if (context.github.hasGraphql && namesApps(from) && !namesApps(to)) await keepApps(context, target, key);
    try {
      const at = { ...repository(target), branch: key };
      return protectionOfRest(object((await context.github.rest(`PUT ${ROUTE}`, { ...at, ...body })).data));
    } catch (error) {
      // A rule may be there before its branch; REST only knows the branch.
      if (!isRefused(error, 404) || !context.github.hasGraphql) throw error;
      try {
        return await save(context, target, key, body);
      } catch (unsaved) {
        throw context.github.hasGraphql ? unsaved : error;
      }
    }
  },
};

async function exact(context: OperationContext, target: Target, key: string): Promise<JsonObject | null> {
  const { branch_protection } = await readTarget(context, target, { branch_protection: true });
  return branch_protection[key] ?? null;
}

/** By GraphQL. What it made of it is read: that this fails says nothing of the write, and then it is not known. */
async function save(
  context: OperationContext,
  target: Target,
  key: string,
  body: JsonObject,
): Promise<JsonObject | void> {
  await saveProtectionRule(context, target, key, body);
  const live = await exact(context, target, key).catch(() => null);
  if (live !== null) return { ...live, ...extrasOf(body) };
}

async function remove(context: OperationContext, target: Target, pattern: string): Promise<void> {
  // By REST a branch without a rule of its own shows, and loses, the wildcard rule that covers it.
  if (context.github.hasGraphql) {
    try {
      return await deleteProtectionRule(context, target, pattern);
    } catch (error) {
      // Without GraphQL, or without that part of it, REST has to do; a wildcard it does not know.
      if (isPattern(pattern) || !(error instanceof GitHubError) || error.failure.kind !== 'refused')
        throw error;
    }
  }
  await context.github.rest(`DELETE ${ROUTE}`, { ...repository(target), branch: pattern });
}

/** GitHub spells names in its own way and ties a check to the app that sets it, where no app is named. */
function over(found: JsonObject, wanted: JsonObject): JsonObject {
  const checks = wanted['required_status_checks'];
  const body = isObject(checks)
    ? { ...wanted, required_status_checks: unpinned(toJsonObject(checks)) }
    : wanted;
  return { ...extrasOf(found), ...mergeProtection(found, body), ...extrasOf(wanted) };
}

/** Checks without the app where that is any. */
function unpinned({ checks, ...rest }: JsonObject): JsonObject {
  if (!Array.isArray(checks)) return rest;
  const named = objects(checks).map(({ context, app_id }) =>
    app_id === -1 ? { context } : { context, app_id },
  );
  return toJsonObject({ ...rest, checks: named });
}
