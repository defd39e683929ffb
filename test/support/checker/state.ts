import type { OrganizationDump, RepositoryDump } from '../organization.js';
import { byName, differences } from './differences.js';

const ENDS = ['inSync', 'committed', 'rolledBack', 'deadLettered', 'parked', 'cancelled', 'skipped'] as const;

/** What the program said of a run. */
export interface Report {
  state: string;
  totals: Readonly<Record<'repositories' | (typeof ENDS)[number], number>>;
  deadLetters: readonly { item: string; workflowId?: string }[];
}

interface Judged {
  login: string;
  before: OrganizationDump;
  after: OrganizationDump;
  wanted: OrganizationDump;
  report: Report;
  /** Cancelled with `--keep`: each repository may be as before or as wanted. */
  kept: boolean;
}

const UNDONE = ['RolledBack', 'Cancelled', 'Refused'];

const comparable = (repository: RepositoryDump | undefined): unknown =>
  repository && { ...repository, labels: byName(repository.labels) };

const organizationPart = ({ repositories: _repositories, ...rest }: OrganizationDump): unknown => rest;

/** Mixed, lost, not undone, orphaned, miscounted. */
export function stateFindings(judged: Judged): string[] {
  return [...repositories(judged), ...organization(judged), ...orphans(judged), ...totals(judged)];
}

/** What belongs to the organisation may be called as a repository is; its workflow id has a colon after the login. */
const isRepository = (login: string, { workflowId = '' }: Report['deadLetters'][number]): boolean =>
  !workflowId.includes(`/${login}:`);

function repositories({ login, before, after, wanted, report, kept }: Judged): string[] {
  const dead = new Set(
    report.deadLetters.filter((letter) => isRepository(login, letter)).map(({ item }) => item),
  );
  return Object.keys({ ...before.repositories, ...after.repositories }).flatMap((name) => {
    const item = `${login}/${name}`;
    const now = comparable(after.repositories[name]);
    const fromBefore = differences(comparable(before.repositories[name]), now);
    const fromWanted = differences(comparable(wanted.repositories[name]), now);
    if (before.repositories[name]?.id !== after.repositories[name]?.id)
      return [`replaced: ${item} is another repository`];
    if (fromBefore.length > 0 && fromWanted.length > 0)
      return [
        `mixed: ${item} differs from before in ${fromBefore.join(', ')} and from wanted in ${fromWanted.join(', ')}`,
      ];
    if (kept) return [];
    if ((UNDONE.includes(report.state) || dead.has(item)) && fromBefore.length > 0)
      return [`not undone: ${item} should be as before and differs in ${fromBefore.join(', ')}`];
    if (!UNDONE.includes(report.state) && !dead.has(item) && fromWanted.length > 0)
      return [`lost: ${item} was reported done and differs from wanted in ${fromWanted.join(', ')}`];
    return [];
  });
}

function organization({ login, before, after, wanted, report, kept }: Judged): string[] {
  if (kept) return [];
  const undone = UNDONE.includes(report.state);
  const paths = differences(organizationPart(undone ? before : wanted), organizationPart(after));
  return paths.map((path) => `${undone ? 'not undone' : 'lost'}: ${login} differs in ${path}`);
}

const PARTS = ['branches', 'branch_protection', 'teams'] as const;
const LISTS = ['labels', 'rulesets', 'hooks', 'threads'] as const;

/** Things that are there and belong to nobody: neither before nor wanted, or still with our mark. */
function orphans({ login, before, after, wanted, kept }: Judged): string[] {
  const found = Object.keys(after.teams)
    .filter((slug) => !(slug in before.teams) && !(slug in wanted.teams))
    .map((slug) => `orphan: team ${login}/${slug}`);
  for (const [slug, team] of Object.entries(after.teams))
    if (!kept && team.description?.includes('<!-- orgsaga') === true)
      found.push(`orphan: team ${login}/${slug} still carries a mark`);
  for (const [name, repository] of Object.entries(after.repositories)) {
    const known = [before.repositories[name], wanted.repositories[name]].filter((one) => one !== undefined);
    for (const part of PARTS)
      for (const key of Object.keys(repository[part]))
        if (!known.some((one) => key in one[part])) found.push(`orphan: ${part} ${key} of ${login}/${name}`);
    for (const part of LISTS)
      if (repository[part].length > Math.max(0, ...known.map((one) => one[part].length)))
        found.push(`orphan: ${part} of ${login}/${name} are more than before or wanted`);
  }
  return found;
}

function totals({ login, report, before }: Judged): string[] {
  if (report.state === 'Refused') return [];
  const { repositories: all } = report.totals;
  // Cancelled before it had read the organisation: it began nothing, and counts nothing.
  if (report.state === 'Cancelled' && all === 0) return [];
  const sum = ENDS.reduce((total, end) => total + report.totals[end], 0);
  const there = Object.keys(before.repositories).length;
  return all === sum && all === there
    ? []
    : [`totals: ${login} has ${there} repositories, the run counts ${all} and the parts of it are ${sum}`];
}
