import { isExactName } from '../security/identifiers.js';
import { byText } from './json.js';
import type { OrganizationNeeds, RepositoryNeeds } from './model.js';
import type { ProtectionBody } from './schema/protection.js';
import type { OrganizationStandards } from './schema.js';

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].toSorted(byText);

/** What has to be read of each repository to plan for an organisation: only what its rules name. */
export function repositoryNeeds(org: OrganizationStandards): RepositoryNeeds {
  const rules = org.repositories;
  return {
    settings: sorted(rules.flatMap((rule) => Object.keys(rule.settings ?? {}))),
    topics: rules.some((rule) => (rule.topics ?? []).length > 0 || rule.with_topics !== undefined),
    branch_protection: rules.some((rule) => Object.keys(rule.branch_protection ?? {}).length > 0),
    teams: sorted(rules.flatMap((rule) => Object.keys(rule.teams ?? {}))),
    labels: rules.some((rule) => (rule.labels ?? []).length > 0),
    rulesets: rules.some((rule) => (rule.rulesets ?? []).length > 0),
    files: sorted(rules.flatMap((rule) => (rule.files ?? []).map((file) => file.path))),
  };
}

/** Bodies of protections that are to be there. */
function protections(org: OrganizationStandards): ProtectionBody[] {
  return org.repositories
    .flatMap((rule) => Object.values(rule.branch_protection ?? {}))
    .filter((protection) => protection.absent !== true);
}

function actors(org: OrganizationStandards, kind: 'users' | 'teams'): string[] {
  return protections(org).flatMap((body) =>
    [
      body.restrictions,
      body.required_pull_request_reviews?.dismissal_restrictions,
      body.required_pull_request_reviews?.bypass_pull_request_allowances,
    ].flatMap((allowed) => allowed?.[kind] ?? []),
  );
}

/** Slugs of the teams that must be there, or be made, for the file to be put into effect. */
export function requiredTeams(org: OrganizationStandards): string[] {
  return sorted([
    ...org.teams.flatMap((team) => (team.absent === true || !team.parent ? [] : [team.parent])),
    ...org.repositories.flatMap((rule) =>
      Object.entries(rule.teams ?? {}).flatMap(([slug, permission]) =>
        permission === 'absent' ? [] : [slug],
      ),
    ),
    ...actors(org, 'teams'),
  ]);
}

/** What has to be read of the organisation itself, and what must exist there. */
export function organizationNeeds(org: OrganizationStandards): OrganizationNeeds {
  const managed = org.teams.flatMap((team) =>
    team.absent === true || team.members === undefined ? [] : [team],
  );
  const logins = [
    ...managed.flatMap((team) =>
      (team.members ?? []).flatMap((one) => (one.absent === true ? [] : [one.login])),
    ),
    ...actors(org, 'users'),
  ];
  return {
    settings: sorted(Object.keys(org.settings)),
    rulesets: org.rulesets.length > 0,
    teams: sorted([
      ...org.teams.map((team) => team.slug),
      ...org.repositories.flatMap((rule) => Object.keys(rule.teams ?? {})),
      ...requiredTeams(org),
    ]),
    members: sorted(managed.map((team) => team.slug)),
    absent: sorted(org.teams.flatMap((team) => (team.absent === true ? [team.slug] : []))),
    logins: sorted(logins.map((login) => login.toLowerCase())),
    repositories: sorted(org.repositories.flatMap((rule) => rule.match.filter(isExactName))),
  };
}
