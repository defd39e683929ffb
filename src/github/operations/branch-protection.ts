import type { JsonObject, Target } from '../../standards/model.js';
import { GitHubError } from '../errors.js';
import { isObject, objects, text, toJsonObject } from '../json.js';
import type { Operation, OperationContext } from './operation.js';
import { deleteProtectionRule, isPattern, saveProtectionRule } from './protection-rule.js';
import { isRefused, readTarget, repository } from './target.js';

const ROUTE = '/repos/{owner}/{repo}/branches/{branch}/protection';

/**
 * The protection rule with exactly that pattern: REST for a branch that is there, GraphQL for a wildcard or for a
 * branch that is not there yet. Rules of others with wider patterns are left alone.
 */
export const branchProtection: Operation = {
  kind: 'branch_protection',
  names: { do: 'protectBranch', undo: 'restoreBranchProtection' },
  owns: 'fields',
  idempotent: true,
  async read(context, target, { key, after }) {
    const { branch_protection } = await readTarget(context, target, { branch_protection: true });
    const live = branch_protection[key];
    return live === undefined ? null : withAppsOf(live, after);
  },
  async write(context, target, { key }, _from, to) {
    if (!isObject(to)) return remove(context, target, key);
    const body = toJsonObject(to);
    if (isPattern(key)) return saveProtectionRule(context, target, key, body);
    try {
      await context.github.rest(`PUT ${ROUTE}`, { ...repository(target), branch: key, ...body });
    } catch (error) {
      // A rule may be there before its branch; REST only knows the branch.
      if (!isRefused(error, 404) || !context.github.hasGraphql) throw error;
      try {
        await saveProtectionRule(context, target, key, body);
      } catch (unsaved) {
        throw context.github.hasGraphql ? unsaved : error;
      }
    }
  },
};

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

/** GitHub ties a check to the app that sets it; where the change names no app, any app is as written. */
function withAppsOf(live: JsonObject, after: unknown): JsonObject {
  const wanted = isObject(after) ? after['required_status_checks'] : null;
  const checks = live['required_status_checks'];
  if (!isObject(wanted) || !isObject(checks) || !Array.isArray(checks['checks'])) return live;
  const { strict } = toJsonObject(checks);
  const found = objects(checks['checks']).map((check) => toJsonObject(check));
  if (Array.isArray(wanted['contexts']))
    return {
      ...live,
      required_status_checks: {
        strict: strict ?? false,
        contexts: found.map(({ context }) => text(context)),
      },
    };
  const free = new Set(
    objects(wanted['checks']).flatMap(({ context, app_id }) => (app_id === -1 ? [text(context)] : [])),
  );
  return {
    ...live,
    required_status_checks: {
      strict: strict ?? false,
      checks: found.map((check) => (free.has(text(check['context'])) ? { ...check, app_id: -1 } : check)),
    },
  };
}
