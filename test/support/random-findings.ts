import type { RunStatus } from '../../src/workflows/contract.js';
import { byName, differencesWithValues } from './checker/differences.js';
import type { OrganizationDump, RepositoryDump } from './organization.js';

/** What `apply --json`, `watch --json` and `rollback --json` print. */
export type Told = Pick<
  RunStatus,
  'run' | 'state' | 'reason' | 'totals' | 'deadLetters' | 'parked' | 'conflicts'
>;

/** What a command that waited for a run has to end with. */
function fittingCodes({ state, deadLetters, parked, conflicts }: Told): number[] {
  if (state === 'Refused') return [1, 2];
  if (deadLetters.length + parked.length + conflicts.length > 0) return [5];
  if (state === 'RolledBack' || state === 'Cancelled') return [3];
  return state === 'Committed' ? [0] : [5];
}

/** What is wrong with what a command said of a run, where nobody else changes anything. */
export function toldFindings(told: Told, code: number): string[] {
  const { repositories, inSync, committed, rolledBack, deadLettered, parked, cancelled, skipped } =
    told.totals;
  const sum = inSync + committed + rolledBack + deadLettered + parked + cancelled + skipped;
  return [
    ...(sum === repositories ? [] : [`the totals do not add up: ${JSON.stringify(told.totals)}`]),
    ...told.conflicts.map((conflict) => `a conflict: ${JSON.stringify(conflict)}`),
    ...(fittingCodes(told).includes(code) ? [] : [`exit code ${code} of a run that is ${told.state}`]),
  ];
}

type Fields = Record<string, unknown>;

/** Without what GitHub gives anew to whatever is made again. The order of rules says nothing. */
function ruleset({ node_id: _node, created_at: _created, updated_at: _updated, ...rest }: Fields): Fields {
  const rules = rest['rules'] as { type: string }[];
  return { ...rest, rules: rules.toSorted((one, other) => one.type.localeCompare(other.type)) };
}

const rulesets = (all: unknown): Fields =>
  byName((all as { name: string }[]).map((one) => ({ name: one.name, ...ruleset({ ...one }) })));

/** What a person takes for one: no text and an empty one. */
const nullForEmpty = (text: unknown): unknown => (text === '' ? null : text);

/** Pull requests can be closed and not unmade, so threads do not count. */
function repository({ threads: _threads, ...rest }: RepositoryDump): Fields {
  const { homepage, description } = rest.settings;
  return {
    ...rest,
    settings: {
      ...rest.settings,
      homepage: nullForEmpty(homepage),
      description: nullForEmpty(description),
    },
    labels: byName(rest.labels.map((label) => ({ ...label, description: nullForEmpty(label.description) }))),
    rulesets: rulesets(rest.rulesets),
  };
}

/** Who was in a team that is gone cannot be put back, and GitHub takes whoever makes one for a member. */
function comparable(dump: OrganizationDump, removed: readonly string[]): Fields {
  const { teams, repositories, rulesets: own, ...rest } = dump;
  return {
    ...rest,
    rulesets: rulesets(own),
    teams: Object.fromEntries(
      Object.entries(teams).map(([slug, { parent_id: _parent, members, ...team }]) => [
        slug,
        removed.includes(slug) ? team : { ...team, members },
      ]),
    ),
    repositories: Object.fromEntries(
      Object.entries(repositories).map(([name, one]) => [name, repository(one)]),
    ),
  };
}

/** Where an organisation is not as it should be, with what is wanted and what is there. Members of removed teams do not count. */
export const stateFindings = (
  wanted: OrganizationDump,
  found: OrganizationDump,
  removed: readonly string[] = [],
): string[] =>
  differencesWithValues(comparable(wanted, removed), comparable(found, removed)).map(
    ({ path, left, right }) => `${path}: ${JSON.stringify(left)} -> ${JSON.stringify(right)}`,
  );

/** Of a proposal that GitHub has refused half-way the branch waits for a retry. What is brought forward again has no such branch. */
export function withoutHalfProposals(dump: OrganizationDump): OrganizationDump {
  const copy = structuredClone(dump);
  for (const { branches, threads } of Object.values(copy.repositories)) {
    const heads = (threads as { state: string; head?: string }[])
      .filter(({ state }) => state === 'open')
      .map(({ head }) => head);
    for (const name of Object.keys(branches))
      if (name.startsWith('orgsaga/') && !heads.includes(name)) delete branches[name];
  }
  return copy;
}
