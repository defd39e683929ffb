import { stringify } from 'yaml';
import type { Draw } from './draw.js';
import { PERMISSIONS, randomProtection, randomRuleset, TEAMS, WILDCARD } from './random-organization.js';

/** The file, beside the standards file, of which `files` take their text. */
export const TEMPLATE = { name: 'new.txt', text: 'new\n' } as const;

type Part = Record<string, unknown>;

const ABSENT = { absent: true } as const;

const settings = (draw: Draw): Part => ({
  ...draw.maybe(0.6, () => ({ has_wiki: draw.chance() })),
  ...draw.maybe(0.4, () => ({ delete_branch_on_merge: draw.chance() })),
  ...draw.maybe(0.3, () => ({ allow_merge_commit: false })),
  ...draw.maybe(0.2, () => ({ visibility: draw.one(['private', 'public']) })),
  ...draw.maybe(0.2, () => ({ default_branch: 'develop' })),
  ...draw.maybe(0.12, () => ({ archived: true })),
  ...draw.maybe(0.3, () => ({ description: 'new words', homepage: 'https://x.example' })),
});

const protections = (draw: Draw, teams: readonly string[], wildcards: boolean): Part => ({
  ...draw.maybe(0.7, () => ({ $default: draw.chance(0.15) ? ABSENT : randomProtection(draw, teams) })),
  ...draw.maybe(wildcards ? 0.4 : 0, () => ({
    [WILDCARD]: draw.chance(0.3) ? ABSENT : randomProtection(draw, teams),
  })),
});

/** A team that is made by the file has no access yet that could be taken away. */
const access = (draw: Draw, teams: readonly string[], made: readonly string[]): Part =>
  Object.fromEntries(
    draw
      .some(teams, 0.6)
      .map((slug) => [slug, draw.one(made.includes(slug) ? PERMISSIONS : [...PERMISSIONS, 'absent'])]),
  );

const labels = (draw: Draw): Part[] => [
  { name: 'fresh', ...(draw.chance(0.2) ? ABSENT : { color: '123456', description: 'mine' }) },
  ...draw.some([{ name: 'extra', color: 'ffffff' }], 0.4),
];

/** One ruleset that may be there already and may go, and perhaps one that is new. */
const rulesets = (draw: Draw, of: 'organization' | 'repository', removed: number): Part[] => [
  draw.chance(removed) ? { name: `${of}-old`, ...ABSENT } : randomRuleset(draw, `${of}-old`, of),
  ...draw.some([randomRuleset(draw, `${of}-new`, of)], 0.3),
];

function files(draw: Draw): Part[] {
  const via = (): string => (draw.chance(0.6) ? 'commit' : 'pull_request');
  return [
    ...draw.some([{ path: 'NEW', from: TEMPLATE.name, via: via() }]),
    ...draw.some([{ path: 'OLD', ...ABSENT, via: via() }], 0.4),
  ];
}

interface Names {
  /** Of teams that are there, and that the file makes. */
  teams: readonly string[];
  made: readonly string[];
  wildcards: boolean;
}

const rule = (draw: Draw, match: string, { teams, made, wildcards }: Names): Part => ({
  match: [match],
  ...draw.maybe(0.7, () => ({ settings: settings(draw) })),
  ...draw.maybe(0.4, () => ({ topics: ['managed', ...draw.some([{ name: 'old', ...ABSENT }])] })),
  ...draw.maybe(0.5, () => ({ branch_protection: protections(draw, teams, wildcards) })),
  ...draw.maybe(0.5, () => ({ teams: access(draw, teams, made) })),
  ...draw.maybe(0.6, () => ({ labels: labels(draw) })),
  ...draw.maybe(0.4, () => ({ rulesets: rulesets(draw, 'repository', 0.25) })),
  ...draw.maybe(0.25, () => ({ files: files(draw) })),
});

/** One of the two may be put under the other. */
const madeTeam = (draw: Draw, slug: string, made: readonly string[]): Part => ({
  slug,
  description: 'new',
  privacy: 'closed',
  ...draw.maybe(0.5, () => ({
    parent:
      slug === 'alpha' && made.includes('zeta') && draw.chance() ? 'zeta' : draw.one([...TEAMS, 'bare']),
  })),
  members: draw.some(['ada', 'kim']).map((login) => ({ login, role: draw.one(['member', 'maintainer']) })),
});

const core = (draw: Draw): Part => ({
  slug: 'core',
  ...draw.maybe(0.5, () => ({ description: 'changed' })),
  members: [
    draw.one([
      { login: 'kim', role: 'maintainer' },
      { login: 'ada', ...ABSENT },
    ]),
  ],
});

const devs = (draw: Draw): Part => ({
  slug: 'devs',
  parent: draw.one(['core', null, 'bare']),
  ...draw.maybe(0.5, () => ({ notification_setting: 'notifications_disabled' })),
  members: [
    { login: 'sam', role: 'maintainer' },
    { login: 'lin', role: 'member' },
  ],
});

const LONE: readonly Part[] = [
  { slug: 'lone', privacy: 'closed' },
  { slug: 'lone', name: 'Lone' },
  { slug: 'lone', ...ABSENT },
];

function wantedTeams(draw: Draw, made: readonly string[]): Part[] {
  const kept = [
    ...made.map((slug) => madeTeam(draw, slug, made)),
    ...(draw.chance() ? [core(draw)] : []),
    ...(draw.chance() ? [devs(draw)] : []),
    ...(draw.chance(0.3) ? [draw.one(LONE)] : []),
  ];
  // A team that is to be the parent of another cannot go.
  const isParent = kept.some(({ parent }) => parent === 'bare');
  return draw.chance(0.25) && !isParent ? [...kept, { slug: 'bare', ...ABSENT }] : kept;
}

/** Text of a standards file for a `randomOrganization`. Without wildcards it can be applied over REST alone. */
export function randomStandards(login: string, draw: Draw, wildcards: boolean): string {
  const made = draw.some(['alpha', 'zeta']);
  const names = { made, teams: [...TEAMS, ...made], wildcards };
  const ofOrganization = wantedTeams(draw, made);
  return stringify({
    version: 1,
    organizations: [
      {
        login,
        ...draw.maybe(0.5, () => ({
          settings: {
            default_repository_permission: draw.one(['read', 'none']),
            ...draw.maybe(0.5, () => ({ description: 'new' })),
            ...draw.maybe(0.3, () => ({ members_can_create_public_repositories: false })),
          },
        })),
        ...draw.maybe(0.4, () => ({ rulesets: rulesets(draw, 'organization', 0.3) })),
        ...(ofOrganization.length > 0 ? { teams: ofOrganization } : {}),
        repositories: [rule(draw, '*', names), ...(draw.chance() ? [rule(draw, 'one', names)] : [])],
        on_failure: draw.one(['rollback', 'checkpoint', 'checkpoint']),
      },
    ],
  });
}
