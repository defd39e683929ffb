import { createHash } from 'node:crypto';
import { GitHubError, notFound } from '../errors.js';
import type { Limits } from '../limits.js';
import { contentsRoutes } from '../rest/contents.js';
import { hookRoutes } from '../rest/hooks.js';
import { labelRoutes } from '../rest/labels.js';
import { organizationRoutes } from '../rest/organizations.js';
import { protectionRoutes } from '../rest/protections.js';
import { refRoutes } from '../rest/refs.js';
import { repositoryRoutes } from '../rest/repositories.js';
import { rulesetRoutes } from '../rest/rulesets.js';
import { teamRoutes } from '../rest/teams.js';
import { threadRoutes } from '../rest/threads.js';
import type { Body, Reply } from '../rest/types.js';
import { userRoutes } from '../rest/users.js';
import type { State, Writer } from '../state/state.js';
import { type Answer, type Call, type Incoming, json } from './call.js';
import { type Match, Router } from './router.js';

const router = new Router([
  ...organizationRoutes,
  ...repositoryRoutes,
  ...protectionRoutes,
  ...teamRoutes,
  ...labelRoutes,
  ...contentsRoutes,
  ...refRoutes,
  ...threadRoutes,
  ...hookRoutes,
  ...rulesetRoutes,
  ...userRoutes,
]);

/** Paths by numeric id as the paths by name that they stand for; others as they are. */
function byNames(state: State, path: string): string {
  const [, kind, id, ...rest] = path.split('/');
  if (kind === 'repositories') {
    const repository = state.repositoriesById.get(Number(id));
    return repository === undefined
      ? path
      : ['/repos', repository.organization.login, repository.name, ...rest].join('/');
  }
  if (kind === 'organizations') {
    const organization = [...state.organizations.values()].find((each) => each.id === Number(id));
    if (organization === undefined) return path;
    if (rest[0] !== 'team') return ['/orgs', organization.login, ...rest].join('/');
    const team = [...organization.teams.values()].find((each) => each.id === Number(rest[1]));
    return team === undefined
      ? path
      : ['/orgs', organization.login, 'teams', team.slug, ...rest.slice(2)].join('/');
  }
  return path;
}

function parseBody(text: string): Body {
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GitHubError(400, 'Problems parsing JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new GitHubError(400, 'Body should be a JSON object');
  return value as Body;
}

/** The redirect to a repository's id where the path names it by a former name, else null. */
function redirect(state: State, match: Match, incoming: Incoming): Answer | null {
  const { owner, repo } = match.params;
  if (owner === undefined || repo === undefined || !incoming.path.startsWith('/repos/')) return null;
  if (state.organizations.get(owner.toLowerCase())?.repositories.has(repo.toLowerCase())) return null;
  const repository = state.renamed(owner, repo);
  if (repository === undefined) return null;
  const rest = incoming.path.split('/').slice(4);
  const search = incoming.query.size > 0 ? `?${incoming.query.toString()}` : '';
  const url = `${[`${incoming.base}/repositories`, repository.id, ...rest].join('/')}${search}`;
  // A method other than GET must be kept, which a client does for 307 only.
  const read = incoming.method === 'GET' || incoming.method === 'HEAD';
  const message = read ? 'Moved Permanently' : 'Temporary Redirect';
  return json(
    read ? 301 : 307,
    { message, url, documentation_url: 'https://docs.github.com/rest' },
    { location: url },
  );
}

function answerOf(reply: Reply, incoming: Incoming): Answer {
  const headers = reply.headers ?? {};
  const text = reply.body === undefined ? null : JSON.stringify(reply.body);
  if (text === null || reply.status !== 200 || (incoming.method !== 'GET' && incoming.method !== 'HEAD'))
    return { status: reply.status, headers, text };
  const etag = `W/"${createHash('sha1').update(text).digest('hex')}"`;
  const cached = { ...headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
  const known = incoming.ifNoneMatch
    ?.split(',')
    .some((tag) => tag.trim().replace(/^W\//, '') === etag.slice(2));
  return known ? { status: 304, headers: cached, text: null } : { status: 200, headers: cached, text };
}

function refusal(error: unknown): Answer {
  if (error instanceof GitHubError) return json(error.status, error.body(), { ...error.headers });
  if (error instanceof URIError) return json(400, { message: 'Bad Request' });
  throw error;
}

function run(state: State, match: Match | null, incoming: Incoming, writer: Writer): Answer {
  try {
    if (match === null) throw notFound();
    const moved = redirect(state, match, incoming);
    if (moved !== null) return moved;
    const { method, path, query, accept, origin, base } = incoming;
    const body = parseBody(incoming.body);
    const request = { state, writer, method, path, query, accept, origin, base, body, params: match.params };
    return answerOf(match.route.handler(request), incoming);
  } catch (error) {
    return refusal(error);
  }
}

function repositoryNamed(match: Match | null): string | null {
  const { owner, repo } = match?.params ?? {};
  return owner === undefined || repo === undefined ? null : `${owner}/${repo}`;
}

/** Understands a REST request; it never throws, a path that is not there becomes a 404 when run. */
export function restCall(state: State, limits: Limits, incoming: Incoming): Call {
  const write = !['GET', 'HEAD', 'OPTIONS'].includes(incoming.method);
  const common = { operations: [], write };
  if (incoming.path === '/rate_limit') {
    const core = () => limits.view(incoming.token, 'core');
    const graphql = () => limits.view(incoming.token, 'graphql');
    return {
      ...common,
      paths: [incoming.path],
      repo: null,
      charge: { resource: 'core', cost: 0, points: 0, content: false },
      run: () => json(200, { resources: { core: core(), graphql: graphql() }, rate: core() }),
    };
  }
  let match: Match | null = null;
  let path = incoming.path;
  try {
    path = byNames(state, incoming.path);
    match = router.match(incoming.method, path);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  return {
    ...common,
    paths: path === incoming.path ? [path] : [incoming.path, path],
    repo: repositoryNamed(match),
    charge: { resource: 'core', cost: 1, points: write ? 5 : 1, content: match?.route.content ?? false },
    run: (writer) => run(state, match, incoming, writer),
  };
}
