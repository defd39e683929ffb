import { randomUUID } from 'node:crypto';
import { type Reply, type Request, type SimulatedServer, startSimulatedServer } from './server.js';

export interface Pipeline {
  id: string;
  slug: string;
  name: string;
  repository: string;
  configuration: string;
  [field: string]: unknown;
}

export interface SimulatedBuildkite extends SimulatedServer {
  /** By `organization/slug`. */
  readonly pipelines: Map<string, Pipeline>;
}

/**
 * Pipelines as Buildkite's REST API v2 keeps them: a slug is the one that is sent or else made of the name, is unique in an
 * organisation, and can be changed afterwards.
 */
export async function startSimulatedBuildkite(token: string): Promise<SimulatedBuildkite> {
  const pipelines = new Map<string, Pipeline>();
  const server = await startSimulatedServer(token, (request) => answer(pipelines, request));
  return Object.assign(server, { pipelines });
}

function answer(pipelines: Map<string, Pipeline>, { method, path, query, body }: Request): Reply {
  const [, org = '', slug] = /^\/v2\/organizations\/([^/]+)\/pipelines(?:\/([^/]+))?$/.exec(path) ?? [];
  if (org === '') return { status: 404, body: { message: 'No organization found' } };
  if (slug === undefined)
    return method === 'POST' ? create(pipelines, org, body) : list(pipelines, org, query);
  const found = pipelines.get(`${org}/${slug}`);
  if (found === undefined) return { status: 404, body: { message: 'No pipeline found' } };
  if (method === 'DELETE') {
    pipelines.delete(`${org}/${slug}`);
    return { status: 204 };
  }
  return method === 'PATCH' ? update(pipelines, org, found, body) : { status: 200, body: found };
}

/** What a page holds where it is not said, and the most that it can. */
const PAGE = { usual: 30, most: 100 };

function list(pipelines: Map<string, Pipeline>, org: string, query: URLSearchParams): Reply {
  const mine = [...pipelines].filter(([place]) => place.startsWith(`${org}/`));
  const size = Math.min(Number(query.get('per_page') ?? PAGE.usual), PAGE.most);
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  return { status: 200, body: mine.slice(from, from + size).map(([, pipeline]) => pipeline) };
}

function update(
  pipelines: Map<string, Pipeline>,
  org: string,
  pipeline: Pipeline,
  body: Readonly<Record<string, unknown>>,
): Reply {
  const slug = typeof body['slug'] === 'string' ? body['slug'] : pipeline.slug;
  const at = `${org}/${slug}`;
  if (slug !== pipeline.slug && pipelines.has(at)) return refuse([{ field: 'slug', code: 'already_exists' }]);
  pipelines.delete(`${org}/${pipeline.slug}`);
  pipelines.set(at, Object.assign(pipeline, body, placeOf(org, slug)));
  return { status: 200, body: pipeline };
}

/** Everything that says where a pipeline is. */
const placeOf = (org: string, slug: string) => ({
  slug,
  url: `https://api.buildkite.com/v2/organizations/${org}/pipelines/${slug}`,
  web_url: `https://buildkite.com/${org}/${slug}`,
  badge_url: `https://badge.buildkite.com/${slug}.svg`,
});

/** What a pipeline has that nobody has set. */
const UNSET = {
  description: null,
  default_branch: 'main',
  branch_configuration: null,
  tags: null,
  visibility: 'private',
  allow_rebuilds: true,
};

/** What Buildkite takes for a slug. */
const SLUG = /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/;

function create(
  pipelines: Map<string, Pipeline>,
  org: string,
  body: Readonly<Record<string, unknown>>,
): Reply {
  const text = (field: string): string => (typeof body[field] === 'string' ? body[field] : '');
  const missing = ['name', 'repository', 'configuration'].filter((field) => text(field) === '');
  if (missing.length > 0) return refuse(missing.map((field) => ({ field, code: 'missing' })));
  const derived = text('name')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  const slug = text('slug') || derived;
  if (!SLUG.test(slug)) return refuse([{ field: 'slug', code: 'invalid' }]);
  if (pipelines.has(`${org}/${slug}`)) return refuse([{ field: 'slug', code: 'already_exists' }]);
  const made: Pipeline = {
    ...UNSET,
    ...body,
    ...placeOf(org, slug),
    id: randomUUID(),
    name: text('name'),
    repository: text('repository'),
    configuration: text('configuration'),
  };
  pipelines.set(`${org}/${slug}`, made);
  return { status: 201, body: made };
}

const refuse = (errors: { field: string; code: string }[]): Reply => ({
  status: 422,
  body: { message: 'Validation failed', errors },
});
