import { hookValue } from './hooks.js';
import { labelValue } from './labels.js';
import type { Organization, Repository, Team } from './model.js';
import { protectionValue } from './protections.js';
import { rulesetValue } from './rulesets.js';
import { byName, type State } from './state.js';
import { teamValue } from './teams.js';
import { threadValue } from './threads.js';

const sortedBy = <T>(items: Iterable<T>, key: (item: T) => string): T[] =>
  [...items].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));

const entries = <T, V>(
  items: Iterable<T>,
  key: (item: T) => string,
  value: (item: T) => V,
): Record<string, V> => Object.fromEntries(sortedBy(items, key).map((item) => [key(item), value(item)]));

function dumpRepository(repository: Repository): Record<string, unknown> {
  const teams = [...repository.organization.teams.values()].filter((team) =>
    team.repositories.has(repository),
  );
  return {
    id: repository.id,
    node_id: repository.node_id,
    settings: repository.settings,
    topics: repository.topics.toSorted(),
    branches: entries(
      repository.branches.values(),
      (branch) => branch.name,
      (branch) =>
        Object.fromEntries(
          [...branch.commit.files].map(([path, blob]) => [path, blob.content.toString('utf8')]),
        ),
    ),
    branch_protection: entries(repository.protections.values(), (rule) => rule.pattern, protectionValue),
    teams: entries(
      teams,
      (team) => team.slug,
      (team) => team.repositories.get(repository),
    ),
    labels: sortedBy(repository.labels.values(), (label) => label.name).map(labelValue),
    rulesets: sortedBy(repository.rulesets.values(), (ruleset) => ruleset.name).map(rulesetValue),
    hooks: [...repository.hooks.values()].map(hookValue),
    threads: [...repository.threads.values()].map((thread) => ({
      kind: thread.kind,
      ...threadValue(thread),
      comments: thread.comments.map((comment) => comment.body),
    })),
  };
}

const dumpTeam = (team: Team) => ({
  id: team.id,
  ...teamValue(team),
  members: entries(
    team.members.values(),
    (member) => member.user.login,
    ({ role, state }) => ({ role, state }),
  ),
});

export const dumpOrganization = (organization: Organization) => ({
  id: organization.id,
  settings: organization.settings,
  members: entries(
    organization.members.values(),
    (member) => member.user.login,
    (member) => member.role,
  ),
  invitations: [...organization.invitations.values()].map((invitation) => invitation.user.login).toSorted(),
  teams: entries(organization.teams.values(), (team) => team.slug, dumpTeam),
  rulesets: sortedBy(organization.rulesets.values(), (ruleset) => ruleset.name).map(rulesetValue),
  repositories: Object.fromEntries(
    byName(organization).map((repository) => [repository.name, dumpRepository(repository)]),
  ),
});

/** The whole state as plain JSON values by names, sorted, so that two dumps of equal states are equal. */
export function dump(state: State): Record<string, unknown> {
  return {
    organizations: entries(
      state.organizations.values(),
      (organization) => organization.login,
      dumpOrganization,
    ),
  };
}
