import type { GitHubClient } from './github/client.js';
import { GitHubError } from './github/errors.js';
import { readOrganization, readRepositories, readRepositoryPage } from './github/read/index.js';
import { addCounts } from './standards/counts.js';
import { diffRepository, type RepositoryDiff } from './standards/diff.js';
import { type OrganizationPlan, planOrganization as planParts } from './standards/diff-organization.js';
import type { StandardsDocument } from './standards/document.js';
import { type Counts, checkRemovals } from './standards/fuse.js';
import type { PageCursor, PlannedItem, RepositoryState, SkippedItem, Target } from './standards/model.js';
import { organizationNeeds, repositoryNeeds } from './standards/needs.js';
import { type RepositoryFacts, resolveRepository } from './standards/resolve.js';
import type { OrganizationStandards } from './standards/schema.js';

/** What a page of repositories needs, beside the items themselves. */
export interface PlannedPage {
  items: PlannedItem[];
  /** Repositories that the file names and that are right, as `owner/name`. */
  inSync: string[];
  skipped: SkippedItem[];
  notes: string[];
  removals: Counts;
  existing: Counts;
  next: PageCursor | null;
  /** Repositories read, those that no rule names included. */
  read: number;
  total: number;
  readAt: number;
}

/** One organisation of a document. @throws Error where the document does not name it */
export function organizationOf(document: StandardsDocument, login: string): OrganizationStandards {
  const found = document.organizations.find((one) => one.login.toLowerCase() === login.toLowerCase());
  if (found === undefined) throw new Error(`the standards file names no organisation ${login}`);
  return found;
}

/** Plans what belongs to the organisation itself, from a fresh read. @throws GitHubError */
export async function planOrganization(
  github: GitHubClient,
  document: StandardsDocument,
  login: string,
): Promise<OrganizationPlan & { readAt: number }> {
  const organization = organizationOf(document, login);
  const readAt = Date.now();
  const state = await readOrganization(github, login, organizationNeeds(organization));
  const plan = planParts(organization, state);
  return { ...plan, before: plan.before.map(namedByPhase), readAt };
}

/** A team is made before the repositories and set up after them: two transactions, so two names. */
function namedByPhase(item: PlannedItem): PlannedItem {
  return item.kind === 'team' ? { ...item, item: `${item.item}/create` } : item;
}

/** Reads and plans one page of repositories. @throws GitHubError */
export async function planPage(
  github: GitHubClient,
  document: StandardsDocument,
  login: string,
  cursor: PageCursor | null,
  size: number,
): Promise<PlannedPage> {
  const organization = organizationOf(document, login);
  const page = await readRepositoryPage(github, login, repositoryNeeds(organization), cursor, size);
  const plan: PlannedPage = {
    items: [],
    inSync: [],
    skipped: [],
    notes: [],
    removals: {},
    existing: {},
    next: page.next,
    read: page.repositories.length,
    total: page.total,
    readAt: page.readAt,
  };
  for (const state of page.repositories) {
    const diff = diffOf(organization, document, state);
    if (diff === null) continue;
    plan.notes.push(...diff.notes);
    plan.removals = addCounts(plan.removals, diff.removals);
    plan.existing = addCounts(plan.existing, diff.existing);
    if (diff.skipped !== undefined) plan.skipped.push(diff.skipped);
    else if (diff.item === null) plan.inSync.push(`${login}/${state.name}`);
    else plan.items.push(diff.item);
  }
  return plan;
}

/** A repository that is planned again: what is to be changed, null where it is right by now or `left` says why it is left alone. */
export interface Replanned {
  planned: PlannedItem | null;
  left: SkippedItem['reason'] | null;
}

/**
 * Plans repositories again by their pinned ids. Rules select each by `found`, where given: by what it was before the run changed
 * that itself. @throws GitHubError
 */
export async function replanRepositories(
  github: GitHubClient,
  document: StandardsDocument,
  login: string,
  targets: Target[],
  found: Partial<RepositoryFacts> = {},
): Promise<{ replanned: Replanned[]; readAt: number }> {
  const organization = organizationOf(document, login);
  const readAt = Date.now();
  const states = await readRepositories(github, login, repositoryNeeds(organization), targets);
  const replanned = states.map((state): Replanned => {
    if (state === null) return { planned: null, left: 'gone' };
    const diff = diffOf(organization, document, state, { ...state, ...found });
    return diff === null
      ? { planned: null, left: 'unmatched' }
      : { planned: diff.item, left: diff.skipped?.reason ?? null };
  });
  return { replanned, readAt };
}

function diffOf(
  organization: OrganizationStandards,
  document: StandardsDocument,
  state: RepositoryState,
  facts: RepositoryFacts = state,
): RepositoryDiff | null {
  const wanted = resolveRepository(organization, facts);
  return wanted === null ? null : diffRepository(organization.login, wanted, state, document);
}

/** What `plan` shows of one organisation, complete or as far as it has been read. */
export interface OrganizationPreview {
  organization: string;
  before: PlannedItem[];
  repositories: PlannedItem[];
  after: PlannedItem[];
  skipped: SkippedItem[];
  notes: string[];
  /** What makes the plan impossible: nothing would be written. */
  problems: string[];
  /** What the fuse refuses unless removals are allowed. */
  removals: string[];
  read: number;
  total: number;
  /** Why the rest of it could not be read; null while nothing is in the way. */
  failure: GitHubError | null;
}

/**
 * Plans a whole document in this process, without writing anything; the last preview of an organisation is complete, or says why it is not.
 * An organisation that cannot be read holds back none of the others.
 * @param github gives the client for an organisation
 * @param pageSize repositories that are read together
 * @throws Error where there is no token for one of them
 */
export async function* planStandards(
  document: StandardsDocument,
  github: (organization: string) => GitHubClient,
  pageSize: number,
): AsyncGenerator<OrganizationPreview> {
  for (const { login } of document.organizations) {
    const preview: OrganizationPreview = {
      organization: login,
      before: [],
      repositories: [],
      after: [],
      skipped: [],
      notes: [],
      problems: [],
      removals: [],
      read: 0,
      total: 0,
      failure: null,
    };
    try {
      yield* previewOf(preview, document, github(login), pageSize);
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      preview.failure = error;
      yield preview;
    }
  }
}

/** Fills the preview page by page. @throws GitHubError */
async function* previewOf(
  preview: OrganizationPreview,
  document: StandardsDocument,
  client: GitHubClient,
  pageSize: number,
): AsyncGenerator<OrganizationPreview> {
  const { organization: login } = preview;
  const { before, after, problems, ...counts } = await planOrganization(client, document, login);
  Object.assign(preview, { before, after, problems });
  let { removals, existing } = counts;
  let cursor: PageCursor | null = null;
  do {
    const page: PlannedPage = await planPage(client, document, login, cursor, pageSize);
    preview.repositories.push(...page.items);
    preview.skipped.push(...page.skipped);
    preview.notes.push(...page.notes);
    preview.read += page.read;
    preview.total = page.total;
    removals = addCounts(removals, page.removals);
    existing = addCounts(existing, page.existing);
    cursor = page.next;
    preview.removals = cursor === null ? checkRemovals(removals, existing) : [];
    yield preview;
  } while (cursor !== null);
}
