import { forbidden, GitHubError, missingKeys, validationFailed } from '../errors.js';
import { commitFiles } from './git.js';
import { addLabel, DEFAULT_LABELS } from './labels.js';
import type { Organization, Repository } from './model.js';
import { initialSettings, knownSettings, pick, REPOSITORY_FIELDS } from './settings.js';
import { fold, namesChanged, placeOf, type Writer } from './state.js';

/** The name as GitHub folds it: what it does not allow becomes a hyphen. */
function foldedName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 100);
}

export function refuseArchived(repository: Repository): void {
  if (repository.settings['archived'] === true) throw forbidden('Repository was archived so is read-only.');
}

const invalid = (field: string, message: string, code = 'custom'): GitHubError =>
  validationFailed({ resource: 'Repository', code, field, message });

const SQUASH_PAIRS = [
  'PR_TITLE/PR_BODY',
  'PR_TITLE/BLANK',
  'PR_TITLE/COMMIT_MESSAGES',
  'COMMIT_OR_PR_TITLE/COMMIT_MESSAGES',
];
const MERGE_PAIRS = ['PR_TITLE/PR_BODY', 'PR_TITLE/BLANK', 'MERGE_MESSAGE/PR_TITLE'];

function checkMergeSettings(next: Readonly<Record<string, unknown>>): void {
  if (!next['allow_merge_commit'] && !next['allow_squash_merge'] && !next['allow_rebase_merge'])
    throw invalid(
      'merge_commit_allowed',
      'Sorry, you need to allow at least one merge strategy. (no_merge_method)',
    );
  if (
    !SQUASH_PAIRS.includes([next['squash_merge_commit_title'], next['squash_merge_commit_message']].join('/'))
  )
    throw invalid(
      'squash_merge_commit_title',
      'Sorry, the squash commit title and message do not go together.',
    );
  if (!MERGE_PAIRS.includes([next['merge_commit_title'], next['merge_commit_message']].join('/')))
    throw invalid('merge_commit_title', 'Sorry, the merge commit title and message do not go together.');
}

function settingsOf(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const settings = knownSettings(REPOSITORY_FIELDS, body);
  if (typeof body['private'] === 'boolean' && settings['visibility'] === undefined)
    settings['visibility'] = body['private'] ? 'private' : 'public';
  return settings;
}

export interface RepositoryCreation extends Record<string, unknown> {
  name?: unknown;
  auto_init?: unknown;
}

/** Creates a repository with GitHub's default labels. Throws 422 when the name is taken. */
export function createRepository(
  writer: Writer,
  organization: Organization,
  body: RepositoryCreation,
): Repository {
  if (typeof body.name !== 'string' || body.name === '') throw missingKeys(['name']);
  const name = foldedName(body.name);
  if (name === '.' || name === '..' || name.endsWith('.git'))
    throw invalid('name', `name ${name} is reserved`);
  if (organization.repositories.has(fold(name)))
    throw new GitHubError(422, 'Repository creation failed.', [
      {
        resource: 'Repository',
        code: 'custom',
        field: 'name',
        message: 'name already exists on this account',
      },
    ]);
  const visibility = body['private'] === true ? 'private' : 'public';
  const settings = {
    ...initialSettings(REPOSITORY_FIELDS),
    visibility,
    ...settingsOf(body),
    archived: false,
  };
  checkMergeSettings(settings);
  const { state } = writer;
  const now = state.timestamp();
  const repository = state.register<Repository>({
    kind: 'Repository',
    ...state.identify('Repository'),
    organization,
    name,
    settings: { ...settings, default_branch: 'main' },
    topics: [],
    created_at: now,
    updated_at: now,
    pushed_at: null,
    branches: new Map(),
    commits: new Map(),
    protections: new Map(),
    labels: new Map(),
    threads: new Map(),
    hooks: new Map(),
    rulesets: new Map(),
  });
  for (const label of DEFAULT_LABELS) addLabel(writer, repository, label);
  organization.repositories.set(fold(name), repository);
  organization.redirects.delete(fold(name));
  state.repositoriesById.set(repository.id, repository);
  namesChanged(organization);
  writer.record('repository.create', placeOf(repository), null, {
    id: repository.id,
    name,
    ...repository.settings,
  });
  if (body.auto_init === true)
    commitFiles(writer, repository, 'main', { 'README.md': `# ${name}\n` }, 'Initial commit');
  return repository;
}

function rename(repository: Repository, wanted: string): void {
  const { organization } = repository;
  const name = foldedName(wanted);
  if (name === repository.name) return;
  const holder = organization.repositories.get(fold(name));
  if (holder !== undefined && holder !== repository)
    throw invalid('name', 'name already exists on this account');
  organization.repositories.delete(fold(repository.name));
  organization.redirects.set(fold(repository.name), repository);
  organization.redirects.delete(fold(name));
  repository.name = name;
  organization.repositories.set(fold(name), repository);
  namesChanged(organization);
}

/** Gives a repository to another organisation; its teams lose their access, its old name leads to where it is. */
export function transferRepository(writer: Writer, repository: Repository, to: Organization): void {
  const { organization: from, name } = repository;
  if (to.repositories.has(fold(name))) throw invalid('name', `Repositories has already been taken`);
  const place = placeOf(repository);
  from.repositories.delete(fold(name));
  from.redirects.set(fold(name), repository);
  for (const team of from.teams.values()) team.repositories.delete(repository);
  repository.organization = to;
  to.repositories.set(fold(name), repository);
  to.redirects.delete(fold(name));
  namesChanged(from);
  namesChanged(to);
  writer.record('repository.transfer', place, from.login, to.login);
}

/** Applies the named settings and leaves the others; checks first, so a refusal changes nothing. */
export function updateRepository(
  writer: Writer,
  repository: Repository,
  body: Readonly<Record<string, unknown>>,
): void {
  const changes = settingsOf(body);
  if (repository.settings['archived'] === true && changes['archived'] !== false)
    throw forbidden('Repository was archived so is read-only.');
  const branch = body['default_branch'];
  if (branch !== undefined) {
    if (typeof branch !== 'string' || !repository.branches.has(branch))
      throw invalid(
        'default_branch',
        `The branch ${JSON.stringify(branch)} was not found. Please push that ref first or create it via the Git Data API.`,
        'invalid',
      );
    changes['default_branch'] = branch;
  }
  checkMergeSettings({ ...repository.settings, ...changes });
  const place = placeOf(repository);
  const names = Object.keys(changes);
  const before: Record<string, unknown> = pick(repository.settings, names);
  if (typeof body['name'] === 'string' && body['name'] !== repository.name) {
    before['name'] = repository.name;
    rename(repository, body['name']);
    changes['name'] = repository.name;
  }
  const { name: _name, ...settings } = changes;
  Object.assign(repository.settings, settings);
  repository.updated_at = writer.state.timestamp();
  writer.record('repository.update', place, before, changes);
}

export function deleteRepository(writer: Writer, repository: Repository): void {
  const { organization } = repository;
  const { state } = writer;
  organization.repositories.delete(fold(repository.name));
  state.repositoriesById.delete(repository.id);
  for (const part of [
    repository,
    ...repository.branches.values(),
    ...repository.labels.values(),
    ...repository.threads.values(),
    ...repository.hooks.values(),
    ...repository.protections.values(),
    ...repository.rulesets.values(),
  ])
    state.nodes.delete(part.node_id);
  for (const team of organization.teams.values()) team.repositories.delete(repository);
  namesChanged(organization);
  writer.record('repository.delete', placeOf(repository), { id: repository.id, name: repository.name }, null);
}

const TOPIC = /^[a-z0-9][a-z0-9-]{0,49}$/;

/** Names that GitHub does not take as topics, after folding to lower case. */
export function invalidTopics(names: readonly string[]): string[] {
  return names.filter((name) => !TOPIC.test(name.toLowerCase()));
}

/** Replaces all topics. Throws 422 for a bad name or more than 20. */
export function replaceTopics(writer: Writer, repository: Repository, names: readonly string[]): void {
  refuseArchived(repository);
  const bad = invalidTopics(names);
  if (bad.length > 0)
    throw validationFailed({
      resource: 'Repository',
      code: 'invalid',
      field: 'topics',
      message: `Topics must start with a lowercase letter or number, consist of 50 characters or less, and can include hyphens: ${bad.join(', ')}`,
    });
  if (names.length > 20)
    throw validationFailed({
      resource: 'Repository',
      code: 'invalid',
      field: 'topics',
      message: 'A repository cannot have more than 20 topics.',
    });
  const before = repository.topics;
  repository.topics = [...new Set(names.map((name) => name.toLowerCase()))];
  repository.updated_at = writer.state.timestamp();
  writer.record('repository.topics', placeOf(repository, 'topics'), before, repository.topics);
}
