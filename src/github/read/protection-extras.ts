import type { JsonObject, Target } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { GitHubError } from '../errors.js';
import { type Fields, object, objects, sortedTexts, text, toJsonObject } from '../json.js';
import { ACTOR_NODES, actorsOf } from './protection.js';
import { queryWhole } from './query.js';

/** What a protection rule may have that no file can name, by REST's names. */
const EXTRAS = ['required_signatures', 'required_deployments', 'bypass_force_push_allowances'] as const;

/** Exported so that a test can validate it. */
export const EXTRAS_QUERY =
  'query($id: ID!) { node(id: $id) { ... on Repository { branchProtectionRules(first: 100) { nodes { ' +
  'pattern requiresCommitSignatures requiresDeployments requiredDeploymentEnvironments ' +
  `bypassForcePushAllowances(first: 100) { ${ACTOR_NODES} } } } } } }`;

/** What of a protection's value no file can name; nothing where the rule has none of it. */
export function extrasOf(value: JsonObject): JsonObject {
  return Object.fromEntries(EXTRAS.flatMap((key) => (key in value ? [[key, value[key] ?? null]] : [])));
}

/**
 * Signed commits, required deployments and who may force push, of the rule with that pattern; what it has not is left out. Only GraphQL
 * shows them; nothing is known of them without it, or where the host has an older schema.
 * @throws GitHubError
 */
export async function readExtras(github: GitHubClient, target: Target, pattern: string): Promise<JsonObject> {
  if (!github.hasGraphql) return {};
  try {
    const { node } = await queryWhole(github, EXTRAS_QUERY, { id: target.node_id });
    const rules = objects(object(object(node)['branchProtectionRules'])['nodes']);
    return extrasOfRule(rules.find((rule) => rule['pattern'] === pattern) ?? {});
  } catch (error) {
    if (error instanceof GitHubError && error.failure.kind === 'refused') return {};
    throw error;
  }
}

function extrasOfRule(rule: Fields): JsonObject {
  const allowed = actorsOf(rule['bypassForcePushAllowances']);
  return toJsonObject({
    ...(rule['requiresCommitSignatures'] === true ? { required_signatures: true } : {}),
    ...(rule['requiresDeployments'] === true
      ? { required_deployments: sortedTexts(rule['requiredDeploymentEnvironments']).map(text) }
      : {}),
    ...(Object.values(allowed).flat().length > 0 ? { bypass_force_push_allowances: allowed } : {}),
  });
}
