import { teamSlug } from '../security/identifiers.js';
import { byText } from './json.js';
import { type Complaint, formatPath, type Path } from './problem.js';

/**
 * What no schema says: names that stand twice, and names that contradict each other. It looks at what was read as it
 * is, valid or not, so that these complaints come together with the schema's.
 */

type Raw = Record<string, unknown>;

const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const get = (value: unknown, key: string): unknown =>
  isRaw(value) && Object.hasOwn(value, key) ? value[key] : undefined;
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const lower = (value: unknown): string | undefined => text(value)?.toLowerCase();
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A complaint for each element whose name another before it has. */
function repeated(
  elements: unknown,
  path: Path,
  nameOf: (element: unknown) => string | undefined,
  what: string,
): Complaint[] {
  const first = new Map<string, number>();
  return list(elements).flatMap((element, index) => {
    const name = nameOf(element);
    if (name === undefined) return [];
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, index);
      return [];
    }
    return [
      { path: [...path, index], text: `duplicate ${what}: the same as ${formatPath([...path, earlier])}` },
    ];
  });
}

const named = (key: string) => (element: unknown) => text(get(element, key));

const asSet = (value: unknown) =>
  [...new Set(list(value).map((one) => String(one).toLowerCase()))].toSorted(byText);

/** A rule's narrowing in a form in which order and case do not count. */
function reach(rule: unknown): string | undefined {
  if (!Array.isArray(get(rule, 'match'))) return undefined;
  const visibility = get(rule, 'visibility');
  return JSON.stringify([
    asSet(get(rule, 'match')),
    asSet(get(rule, 'exclude')),
    asSet(typeof visibility === 'string' ? [visibility] : visibility),
    asSet(get(rule, 'with_topics')),
    get(rule, 'archived') ?? null,
  ]);
}

const topicName = (topic: unknown): string | undefined => text(topic) ?? text(get(topic, 'name'));

const clash = (slug: string): string =>
  `team ${JSON.stringify(slug)} is "absent: true" under "teams" of the file`;

function checkRule(rule: unknown, path: Path, absentTeams: ReadonlySet<string>): Complaint[] {
  const granted = Object.entries(isRaw(get(rule, 'teams')) ? (get(rule, 'teams') as Raw) : {});
  return [
    ...repeated(get(rule, 'labels'), [...path, 'labels'], (label) => lower(get(label, 'name')), 'label'),
    ...repeated(get(rule, 'rulesets'), [...path, 'rulesets'], named('name'), 'ruleset'),
    ...repeated(get(rule, 'files'), [...path, 'files'], named('path'), 'file'),
    ...repeated(get(rule, 'topics'), [...path, 'topics'], topicName, 'topic'),
    ...granted.flatMap(([slug, permission]) =>
      permission !== 'absent' && absentTeams.has(slug)
        ? [{ path: [...path, 'teams', slug], text: clash(slug), atKey: true }]
        : [],
    ),
    ...checkActors(rule, path).flatMap(({ slug, at }) =>
      absentTeams.has(slug) ? [{ path: at, text: clash(slug) }] : [],
    ),
    ...tooManyTopics(rule, path),
  ];
}

/** GitHub's limit of topics on one repository. */
const MOST_TOPICS = 20;

function tooManyTopics(rule: unknown, path: Path): Complaint[] {
  const added = list(get(rule, 'topics')).filter((topic) => typeof topic === 'string').length;
  return added > MOST_TOPICS
    ? [
        {
          path: [...path, 'topics'],
          text: `topics: ${added} topics; a repository has at most ${MOST_TOPICS}`,
        },
      ]
    : [];
}

/** Teams that a rule's protections name, and where. */
function checkActors(rule: unknown, path: Path): { slug: string; at: Path }[] {
  const protections = get(rule, 'branch_protection');
  const places = [
    ['restrictions'],
    ['required_pull_request_reviews', 'dismissal_restrictions'],
    ['required_pull_request_reviews', 'bypass_pull_request_allowances'],
  ];
  return Object.keys(isRaw(protections) ? protections : {}).flatMap((pattern) =>
    places.flatMap((place) => {
      const holder = place.reduce((value: unknown, key) => get(value, key), get(protections, pattern));
      return list(get(holder, 'teams')).flatMap((slug, index) =>
        typeof slug === 'string'
          ? [{ slug, at: [...path, 'branch_protection', pattern, ...place, 'teams', index] }]
          : [],
      );
    }),
  );
}

/** The first team that is met twice on the way up from a team; null where the way ends. */
function circleFrom(slug: string, parents: ReadonlyMap<string, string | undefined>): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = slug; at !== undefined; at = parents.get(at)) {
    if (seen.has(at)) return at === slug;
    seen.add(at);
  }
  return false;
}

function checkTeam(
  team: unknown,
  path: Path,
  absentTeams: ReadonlySet<string>,
  parents: ReadonlyMap<string, string | undefined>,
): Complaint[] {
  const [slug, name, parent] = [text(get(team, 'slug')), text(get(team, 'name')), text(get(team, 'parent'))];
  const complaints = repeated(
    get(team, 'members'),
    [...path, 'members'],
    (one) => lower(get(one, 'login')),
    'member',
  );
  if (slug !== undefined && name !== undefined && teamSlug(name) !== slug)
    complaints.push({
      path: [...path, 'name'],
      text: `name: GitHub's slug of ${JSON.stringify(name)} is "${teamSlug(name)}", not "${slug}"`,
    });
  if (parent === undefined) return complaints;
  const at = [...path, 'parent'];
  if (absentTeams.has(parent))
    complaints.push({
      path: at,
      text: `parent: team ${JSON.stringify(parent)} is "absent: true" in this file`,
    });
  if (get(team, 'privacy') === 'secret')
    complaints.push({ path: [...path, 'privacy'], text: 'privacy: a team with a parent cannot be secret' });
  if (slug !== undefined && circleFrom(slug, parents))
    complaints.push({ path: at, text: `parent: team ${JSON.stringify(slug)} would be its own ancestor` });
  return complaints;
}

function checkOrganization(organization: unknown, path: Path): Complaint[] {
  const teams = list(get(organization, 'teams'));
  const slugs = (keep: (team: unknown) => boolean) =>
    teams.filter(keep).flatMap((team) => text(get(team, 'slug')) ?? []);
  const absentTeams = new Set(slugs((team) => get(team, 'absent') === true));
  const parents = new Map(teams.map((team) => [text(get(team, 'slug')) ?? '', text(get(team, 'parent'))]));
  const rules = list(get(organization, 'repositories'));
  return [
    ...repeated(teams, [...path, 'teams'], named('slug'), 'team'),
    ...repeated(get(organization, 'rulesets'), [...path, 'rulesets'], named('name'), 'ruleset'),
    ...repeated(rules, [...path, 'repositories'], reach, 'rule'),
    ...teams.flatMap((team, index) => checkTeam(team, [...path, 'teams', index], absentTeams, parents)),
    ...rules.flatMap((rule, index) => checkRule(rule, [...path, 'repositories', index], absentTeams)),
  ];
}

/** Names that stand twice or contradict each other in what was read from a standards file. */
export function checkReferences(value: unknown): Complaint[] {
  const organizations = get(value, 'organizations');
  return [
    ...repeated(organizations, ['organizations'], (one) => lower(get(one, 'login')), 'organisation'),
    ...list(organizations).flatMap((one, index) => checkOrganization(one, ['organizations', index])),
  ];
}
