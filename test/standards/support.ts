import { diffRepository, type RepositoryDiff } from '../../src/standards/diff.js';
import type { StandardsDocument } from '../../src/standards/document.js';
import { templateContent } from '../../src/standards/hash.js';
import type {
  Change,
  JsonObject,
  OrganizationState,
  RepositoryState,
  TeamState,
} from '../../src/standards/model.js';
import { parseStandards } from '../../src/standards/parse.js';
import { resolveRepository } from '../../src/standards/resolve.js';
import type { OrganizationStandards } from '../../src/standards/schema.js';

/** The one organisation of a file that is written as the part below `organizations`. */
export function organizationOf(part: JsonObject): OrganizationStandards {
  const text = JSON.stringify({ version: 1, organizations: [{ login: 'acme', ...part }] });
  const [organization] = parseStandards(text, 'standards.yaml').organizations;
  if (organization === undefined) throw new Error('the file has no organisation');
  return organization;
}

/** A document of that organisation with templates by their text. */
export function documentOf(part: JsonObject, templates: Record<string, string> = {}): StandardsDocument {
  return {
    version: 1,
    organizations: [organizationOf(part)],
    files: Object.fromEntries(
      Object.entries(templates).map(([from, text]) => [from, templateContent(Buffer.from(text))]),
    ),
  };
}

export function repositoryState(over: Partial<RepositoryState> = {}): RepositoryState {
  return {
    id: 1,
    node_id: 'R_1',
    name: 'api',
    visibility: 'private',
    archived: false,
    empty: false,
    default_branch: 'main',
    topics: [],
    settings: {},
    branch_protection: {},
    teams: {},
    labels: [],
    rulesets: [],
    files: {},
    proposals: {},
    ...over,
  };
}

export function teamState(over: Partial<TeamState> = {}): TeamState {
  return {
    id: 7,
    node_id: 'T_7',
    slug: 'maintainers',
    name: 'maintainers',
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    parent: null,
    members: {},
    ...over,
  };
}

export function organizationState(over: Partial<OrganizationState> = {}): OrganizationState {
  return {
    login: 'acme',
    id: 100,
    node_id: 'O_100',
    settings: {},
    rulesets: [],
    teams: {},
    childTeams: {},
    teamCount: 0,
    repositoryCount: 0,
    missingLogins: [],
    missingRepositories: [],
    ...over,
  };
}

/** Something in the form of a credential, put together here so that no scanner takes this file for a leak. */
export const FAKE_TOKEN = ['ghp', 'a1B2'.repeat(9)].join('_');

/** What one rule for all changes in a repository; templates `t/a` and `t/b` hold `a\n` and `b\n`. */
export function diffOf(rule: JsonObject, over: Partial<RepositoryState> = {}): RepositoryDiff {
  const document = documentOf({ repositories: [{ match: ['*'], ...rule }] }, { 't/a': 'a\n', 't/b': 'b\n' });
  const [organization] = document.organizations;
  const state = repositoryState(over);
  const wanted = organization && resolveRepository(organization, state);
  if (!wanted) throw new Error('no rule is about it');
  return diffRepository('acme', wanted, state, document);
}

/** The only change of a plan. */
export function onlyChange({ item }: RepositoryDiff): Change {
  const [change, ...others] = item?.changes ?? [];
  if (change === undefined || others.length > 0) throw new Error(`not one change: ${JSON.stringify(item)}`);
  return change;
}
