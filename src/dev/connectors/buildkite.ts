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

/** Pipelines as Buildkite's REST API v2 keeps them: names are unique in an organisation, the slug is made of the name. */
export async function startSimulatedBuildkite(token: string): Promise<SimulatedBuildkite> {
  const pipelines = new Map<string, Pipeline>();
  const server = await startSimulatedServer(token, (request) => answer(pipelines, request));
  return Object.assign(server, { pipelines });
}

function answer(pipelines: Map<string, Pipeline>, { method, path, body }: Request): Reply {
  const [, org = '', slug] = /^\/v2\/organizations\/([^/]+)\/pipelines(?:\/([^/]+))?$/.exec(path) ?? [];
  if (org === '') return { status: 404, body: { message: 'No organization found' } };
  if (slug === undefined) return method === 'POST' ? create(pipelines, org, body) : list(pipelines, org);
  const found = pipelines.get(`${org}/${slug}`);
  if (found === undefined) return { status: 404, body: { message: 'No pipeline found' } };
  if (method === 'DELETE') {
    pipelines.delete(`${org}/${slug}`);
    return { status: 204 };
  }
  if (method === 'PATCH') Object.assign(found, body);
  return { status: 200, body: found };
}

function list(pipelines: Map<string, Pipeline>, org: string): Reply {
  const mine = [...pipelines].filter(([place]) => place.startsWith(`${org}/`));
  return { status: 200, body: mine.map(([, pipeline]) => pipeline) };
}

/** What a pipeline has that nobody has set. */
const UNSET = {
  description: null,
  default_branch: 'main',
  branch_configuration: null,
  tags: null,
  visibility: 'private',
  allow_rebuilds: true,
};

function create(
  pipelines: Map<string, Pipeline>,
  org: string,
  body: Readonly<Record<string, unknown>>,
): Reply {
  const text = (field: string): string => (typeof body[field] === 'string' ? body[field] : '');
  const missing = ['name', 'repository', 'configuration'].filter((field) => text(field) === '');
  if (missing.length > 0) return refuse(missing.map((field) => ({ field, code: 'missing' })));
  const slug = text('name')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  if (pipelines.has(`${org}/${slug}`)) return refuse([{ field: 'name', code: 'already_exists' }]);
  const made: Pipeline = {
    ...UNSET,
    ...body,
    id: randomUUID(),
    slug,
    name: text('name'),
    repository: text('repository'),
    configuration: text('configuration'),
    url: `https://api.buildkite.com/v2/organizations/${org}/pipelines/${slug}`,
    web_url: `https://buildkite.com/${org}/${slug}`,
    badge_url: `https://badge.buildkite.com/${slug}.svg`,
  };
  pipelines.set(`${org}/${slug}`, made);
  return { status: 201, body: made };
}

const refuse = (errors: { field: string; code: string }[]): Reply => ({
  status: 422,
  body: { message: 'Validation failed', errors },
});
