import type { GitHubClient } from '../../src/github/client.js';
import type { OperationContext } from '../../src/github/operations/operation.js';
import type { Change, ChangeKind, Json, Target } from '../../src/standards/model.js';
import { type World, world } from './support.js';

/** The run that the operations under test work for. */
export const RUN = 'apply-acme-1';
const TEMPLATE = '* @acme/ops\n';
const SEED = [
  {
    login: 'acme',
    settings: { description: 'Before' },
    members: [{ login: 'ada' }, { login: 'lin' }],
    teams: [{ name: 'ops', description: 'Runs it', members: [{ login: 'ada' }] }, { name: 'dev' }],
    rulesets: [],
    repositories: [
      {
        name: 'api',
        settings: { description: 'The API', has_wiki: true, visibility: 'private' },
        topics: ['go'],
        teams: { ops: 'pull' as const },
        files: { 'README.md': '# api\n' },
        labels: [{ name: 'Bug', color: 'ff0000', description: 'Broken' }],
      },
    ],
  },
  { login: 'other' },
];

/** An organisation, its one repository and a team of it, as targets of operations. */
export interface Place {
  w: World;
  context: OperationContext;
  repository: Target;
  organization: Target;
  team: Target;
}

export async function place(options: { graphql?: boolean } = {}): Promise<Place> {
  const w = await world(SEED, { recordBodies: true });
  const github = w.client({ timeoutMs: 20_000, ...options });
  const { id, node_id } = await get(github, 'GET /repos/acme/api');
  const organization = await get(github, 'GET /orgs/acme');
  const team = await get(github, 'GET /orgs/acme/teams/ops');
  const nobody = { owner: 'acme', name: '', default_branch: null };
  return {
    w,
    context: { github, run: RUN, content: async () => Buffer.from(TEMPLATE) },
    repository: { owner: 'acme', name: 'api', id, node_id, default_branch: 'main' },
    organization: { ...nobody, id: organization.id, node_id: organization.node_id },
    team: { ...nobody, id: team.id, node_id: team.node_id },
  };
}

async function get(github: GitHubClient, route: string): Promise<{ id: number; node_id: string }> {
  return (await github.rest(route)).data as { id: number; node_id: string };
}

export function changeOf(
  kind: ChangeKind,
  key: string,
  before: Json,
  after: Json,
  via?: Change['via'],
): Change & { kind: ChangeKind } {
  const action = before === null ? 'create' : after === null ? 'delete' : 'update';
  return { step: kind, kind, key, action, before, after, ...(via === undefined ? {} : { via }) };
}

export const targetOf = (at: Place, kind: ChangeKind): Target => {
  if (kind.startsWith('organization')) return at.organization;
  return kind === 'team_settings' || kind === 'team_member' ? at.team : at.repository;
};

/** git hash-object of the template. */
export const SHA = 'ce1ac16daf5baa2f4e55b1aab7bb90d482be0b47';
export const LABEL = { name: 'security', color: 'd73a4a', description: 'Security' };
