import type { Organization, Repository, Ruleset } from '../state/model.js';
import { createRuleset, deleteRuleset, findRuleset, rulesetValue, updateRuleset } from '../state/rulesets.js';
import { page } from './pagination.js';
import { repositoryOf, writableRepository } from './target.js';
import { created, noContent, ok, type RestRequest, type Route, route } from './types.js';

type Source = Organization | Repository;

function rulesetSummary(request: RestRequest, ruleset: Ruleset): Record<string, unknown> {
  const { source } = ruleset;
  const repository = source.kind === 'Repository';
  const path = repository ? `repos/${source.organization.login}/${source.name}` : `orgs/${source.login}`;
  return {
    id: ruleset.id,
    name: ruleset.name,
    target: ruleset.target,
    source_type: repository ? 'Repository' : 'Organization',
    source: repository ? `${source.organization.login}/${source.name}` : source.login,
    enforcement: ruleset.enforcement,
    node_id: ruleset.node_id,
    _links: { self: { href: `${request.base}/${path}/rulesets/${ruleset.id}` } },
    created_at: ruleset.created_at,
    updated_at: ruleset.updated_at,
  };
}

const rulesetView = (request: RestRequest, ruleset: Ruleset): Record<string, unknown> => ({
  ...rulesetSummary(request, ruleset),
  ...rulesetValue(ruleset),
  current_user_can_bypass: 'always',
});

/** The same five routes for a repository's and an organisation's rulesets. */
function routesUnder(
  prefix: string,
  sourceOf: (request: RestRequest) => Source,
  parentsOf: (request: RestRequest) => Iterable<Ruleset>,
): Route[] {
  const one = (request: RestRequest): Ruleset =>
    findRuleset(sourceOf(request), request.params['ruleset_id'] ?? '');
  return [
    route(`GET ${prefix}/rulesets`, (request) => {
      const parents = request.query.get('includes_parents') === 'false' ? [] : parentsOf(request);
      const rulesets = [...sourceOf(request).rulesets.values(), ...parents];
      return page(request, rulesets, (ruleset) => rulesetSummary(request, ruleset));
    }),
    route(`POST ${prefix}/rulesets`, (request) =>
      created(rulesetView(request, createRuleset(request.writer, sourceOf(request), request.body))),
    ),
    route(`GET ${prefix}/rulesets/{ruleset_id}`, (request) => ok(rulesetView(request, one(request)))),
    route(`PUT ${prefix}/rulesets/{ruleset_id}`, (request) => {
      const ruleset = one(request);
      updateRuleset(request.writer, ruleset, request.body);
      return ok(rulesetView(request, ruleset));
    }),
    route(`DELETE ${prefix}/rulesets/{ruleset_id}`, (request) => {
      deleteRuleset(request.writer, one(request));
      return noContent();
    }),
  ];
}

export const rulesetRoutes = [
  ...routesUnder(
    '/repos/{owner}/{repo}',
    (request) => (request.method === 'GET' ? repositoryOf(request) : writableRepository(request)),
    (request) => repositoryOf(request).organization.rulesets.values(),
  ),
  ...routesUnder(
    '/orgs/{org}',
    (request) => request.state.organization(request.params['org'] ?? ''),
    () => [],
  ),
];
