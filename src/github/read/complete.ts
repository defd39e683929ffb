import type { RepositoryNeeds, RepositoryState } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { GitHubError } from '../errors.js';
import { type Fields, isObject, objects } from '../json.js';
import { labelIds, labelOf, sortLabels } from './labels.js';
import { queryWhole, repeatRead } from './query.js';
import { cutNeeds, repositorySelection, repositoryState } from './repository.js';

/** A repository has more of something than one answer of GraphQL gives. No other way of reading would do: REST shows less. */
export class TooManyError extends GitHubError {
  constructor(message: string) {
    super(message, { kind: 'refused', status: 422 });
  }
}

/** A state whose nested lists are whole; costs requests only for a repository that has more than a page carries. */
export async function completeRepository(
  github: GitHubClient,
  login: string,
  node: Fields,
  needs: RepositoryNeeds,
  state: RepositoryState,
): Promise<RepositoryState> {
  const cut = cutNeeds(node, needs);
  if (cut === null) return state;
  const complete = { ...state };
  if (cut.labels) {
    const labels = await repeatRead(() =>
      github.list('GET /repos/{owner}/{repo}/labels', { owner: login, repo: state.name }),
    );
    complete.labels = sortLabels(objects(labels).map(labelOf));
    complete.label_node_ids = labelIds(objects(labels), 'node_id');
  }
  const nested = { ...cut, labels: false };
  if (!nested.branch_protection && !nested.rulesets) return complete;
  const query = wholeQuery(nested);
  const { node: whole } = await repeatRead(() => queryWhole(github, query, { id: state.node_id }));
  if (!isObject(whole) || cutNeeds(whole, nested) !== null)
    throw new TooManyError(
      `${login}/${state.name} has more than 100 branch protection rules, rulesets or actors in one of them: too many to manage`,
    );
  const read = repositoryState(whole, nested, {});
  if (nested.branch_protection)
    Object.assign(complete, {
      branch_protection: read.branch_protection,
      rule_node_ids: read.rule_node_ids,
    });
  if (nested.rulesets) complete.rulesets = read.rulesets;
  return complete;
}

/** One repository with its nested lists as long as GraphQL gives them. */
export function wholeQuery(needs: RepositoryNeeds): string {
  return `query($id: ID!) { node(id: $id) { ... on Repository { ${repositorySelection(needs, true)} } } }`;
}
