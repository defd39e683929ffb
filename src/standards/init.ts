import { Document } from 'yaml';
import { teamSlug } from '../security/identifiers.js';
import { commonAndExceptions } from './init-rules.js';
import { byText, entry } from './json.js';
import type {
  JsonObject,
  OrganizationNeeds,
  OrganizationState,
  RepositoryNeeds,
  RepositoryState,
  TeamState,
} from './model.js';
import { normalizeRuleset } from './rulesets.js';
import { rulesets } from './schema/rulesets.js';
import { organizationSettings, repositorySettings } from './schema/settings.js';

/** Where an editor finds the JSON Schema when the package is installed beside the file. */
const SCHEMA = './node_modules/orgsaga/schema/standards.schema.json';

/** What belongs to one repository and is no standard; and visibility, where a slip would publish one. */
const OWN_SETTINGS = ['description', 'homepage', 'default_branch', 'visibility', 'archived', 'is_template'];

/** An address that is not for a file in a repository; and a field that the other `members_can_create_*` follow from. */
const LEFT_OUT = ['billing_email', 'members_allowed_repository_creation_type'];

/** What has to be read of an organisation, whose teams have these slugs, to write a standards file of it. */
export function initNeeds(teams: readonly string[]): {
  organization: OrganizationNeeds;
  repository: RepositoryNeeds;
} {
  const slugs = [...teams].toSorted(byText);
  return {
    organization: {
      settings: Object.keys(organizationSettings.shape).filter((field) => !LEFT_OUT.includes(field)),
      rulesets: true,
      teams: slugs,
      members: slugs,
      absent: [],
      logins: [],
      repositories: [],
    },
    repository: {
      settings: Object.keys(repositorySettings.shape).filter((field) => !OWN_SETTINGS.includes(field)),
      topics: true,
      branch_protection: true,
      teams: slugs,
      labels: true,
      rulesets: true,
      files: [],
    },
  };
}

/** Settings that have a value which the schema takes; texts that are empty are not worth a line. */
function settingsOf(state: OrganizationState): JsonObject {
  const settings: JsonObject = {};
  for (const [field, schema] of Object.entries(organizationSettings.shape)) {
    const value = entry(state.settings, field) ?? null;
    if (LEFT_OUT.includes(field) || value === null || value === '') continue;
    if (schema.safeParse(value).success) settings[field] = value;
  }
  return settings;
}

function teamOf(team: TeamState): JsonObject {
  const members = Object.entries(team.members).toSorted(([left], [right]) => byText(left, right));
  return {
    slug: team.slug,
    ...(team.name !== team.slug && teamSlug(team.name) === team.slug ? { name: team.name } : {}),
    ...(team.description ? { description: team.description } : {}),
    privacy: team.privacy,
    notification_setting: team.notification_setting,
    ...(team.parent === null ? {} : { parent: team.parent }),
    members: members.map(([login, role]) => ({ login, role })),
  };
}

/** Without keys that hold nothing, so that the file says what there is and no more. */
function withoutEmpty(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]) =>
      inner !== null && typeof inner === 'object' ? Object.keys(inner).length > 0 : true,
    ),
  );
}

function rulesetsOf(state: OrganizationState): JsonObject[] {
  return state.rulesets
    .map((ruleset): JsonObject => withoutEmpty({ ...normalizeRuleset(ruleset) }))
    .filter((ruleset) => rulesets.safeParse([ruleset]).success);
}

/**
 * A standards file that says what an organisation is: what most repositories share as a rule for all, what is different
 * in some as later rules with their names. Right after it is written, `plan` finds nothing to change. Descriptions,
 * home pages, default branches and visibility of repositories are left out, being each one's own; so are files, and
 * what GitHub shows that this version does not know.
 * @param schema the JSON Schema's path for editors, relative to the file
 */
export function renderStandards(
  organization: OrganizationState,
  repositories: readonly RepositoryState[],
  schema: string = SCHEMA,
): string {
  const teams = Object.values(organization.teams)
    .filter((team) => team !== null)
    .toSorted((left, right) => byText(left.slug, right.slug));
  const content = {
    version: 1,
    organizations: [
      {
        login: organization.login,
        ...withoutEmpty({
          settings: settingsOf(organization),
          rulesets: rulesetsOf(organization),
          teams: teams.map(teamOf),
          repositories: commonAndExceptions(repositories, OWN_SETTINGS).map(withoutEmpty),
        }),
      },
    ],
  };
  const document = new Document(content, { aliasDuplicateObjects: false });
  return [
    `# yaml-language-server: $schema=${schema}`,
    `# ${organization.login} as it is. Only what is named here is managed; try \`orgsaga plan -f\` with this file.`,
    '# Rules under "repositories" apply in order: a later one overrides an earlier one, key by key.',
    document.toString({ lineWidth: 0 }),
  ].join('\n');
}
