import { type EffectEntry, type RequestEntry, startSimulatedGitHub } from '../../src/dev/github/index.js';
import type { AuditRow, Evidence } from './checker.js';
import { type OrganizationDump, organization, wanted } from './organization.js';

/** The organisation before any run, from a real simulated GitHub. */
async function dump(): Promise<OrganizationDump> {
  const github = await startSimulatedGitHub({ seed: [organization('acme', 4)] });
  const { organizations } = structuredClone(github.state.dump()) as {
    organizations: { acme: OrganizationDump };
  };
  await github.close();
  return organizations.acme;
}
export const before = await dump();

export const request = (n: number, more: Partial<RequestEntry> = {}): RequestEntry => ({
  n,
  type: 'request',
  at: 1_000 + n,
  method: 'PUT',
  path: '/orgs/acme/teams/developers/repos/acme/repo-000',
  status: 204,
  token: 'abc',
  user_agent: 'orgsaga',
  points: 5,
  in_closed_window: false,
  ...more,
});
export const effect = (n: number, more: Partial<EffectEntry> = {}): EffectEntry => ({
  n,
  type: 'effect',
  request: n - 1,
  at: 1_000 + n,
  organization: 'acme',
  repository: 'acme/repo-000',
  target: 'acme/teams/developers/repos/acme/repo-000',
  kind: 'team_repository.put',
  before: null,
  after: 'push',
  changed: true,
  foreign: false,
  ...more,
});
export const row = (more: Partial<AuditRow> = {}): AuditRow => ({
  id: 1,
  run: 'run',
  organization: 'acme',
  item: 'acme/repo-000',
  direction: 'do',
  kind: 'team_repository',
  key: 'developers',
  owner: 'acme',
  name: 'repo-000',
  from_value: 'null',
  to_value: '"push"',
  intended_at: 1_000,
  outcome: 'applied',
  request_id: '51A0:1',
  concluded_at: 1_003,
  ...more,
});
export const totals = {
  repositories: 4,
  inSync: 0,
  committed: 4,
  rolledBack: 0,
  deadLettered: 0,
  parked: 0,
  cancelled: 0,
  skipped: 0,
};

/** A run that kept all its promises, but for what is given. */
export function evidence(more: Partial<Evidence> = {}): Evidence {
  return {
    login: 'acme',
    before,
    after: wanted(before),
    wanted: wanted(before),
    entries: [request(1), effect(2)],
    report: { state: 'Committed', totals, deadLetters: [] },
    audit: [row()],
    undisturbed: true,
    kept: false,
    ...more,
  };
}

/** The organisation with one repository, or the rest, changed. */
export function doctored(from: OrganizationDump, change: (copy: OrganizationDump) => void): OrganizationDump {
  const copy = structuredClone(from);
  change(copy);
  return copy;
}
export const repository = (dumped: OrganizationDump, name = 'repo-000') => {
  const found = dumped.repositories[name];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
export const rolledBack = {
  state: 'RolledBack',
  totals: { ...totals, committed: 0, rolledBack: 4 },
  deadLetters: [],
};
export const post = (n: number, more: Partial<RequestEntry> = {}): RequestEntry =>
  request(n, { method: 'POST', path: '/orgs/acme/teams', body: { name: 'platform' }, status: 0, ...more });
export const created = (n: number): EffectEntry => {
  const { repository: _none, ...team } = effect(n, {
    kind: 'team.create',
    target: 'acme/teams/platform',
    after: { id: n, name: 'platform' },
  });
  return team;
};
