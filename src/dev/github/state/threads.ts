import { GitHubError, missingKeys, notFound, validationFailed } from '../errors.js';
import type { Issue, IssueComment, PullRequest, Repository } from './model.js';
import { placeOf, type Writer } from './state.js';

type Body = Readonly<Record<string, unknown>>;

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const labelNames = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.flatMap((label: unknown) => {
        const name = typeof label === 'string' ? label : (label as { name?: unknown } | null)?.name;
        return typeof name === 'string' ? [name] : [];
      })
    : [];

const path = (thread: Issue | PullRequest): string =>
  `${thread.kind === 'Issue' ? 'issues' : 'pulls'}/${thread.number}`;

export const threadValue = (thread: Issue | PullRequest) => ({
  number: thread.number,
  title: thread.title,
  body: thread.body,
  state: thread.state,
  labels: thread.labels,
  ...(thread.kind === 'PullRequest' ? { head: thread.head, base: thread.base } : {}),
});

function common(writer: Writer, repository: Repository, body: Body) {
  if (typeof body['title'] !== 'string' || body['title'] === '') throw missingKeys(['title']);
  const now = writer.state.timestamp();
  return {
    repository,
    number: repository.threads.size + 1,
    title: body['title'],
    body: textOrNull(body['body']),
    state: 'open' as const,
    user: writer.actor,
    labels: labelNames(body['labels']),
    comments: [],
    created_at: now,
    updated_at: now,
    closed_at: null,
  };
}

/** Opens an issue. Throws 410 where issues are switched off. */
export function createIssue(writer: Writer, repository: Repository, body: Body): Issue {
  if (repository.settings['has_issues'] !== true)
    throw new GitHubError(410, 'Issues are disabled for this repo');
  const issue = writer.state.register<Issue>({
    kind: 'Issue',
    ...writer.state.identify('Issue'),
    ...common(writer, repository, body),
    state_reason: null,
  });
  repository.threads.set(issue.number, issue);
  writer.record('issue.create', placeOf(repository, path(issue)), null, threadValue(issue));
  return issue;
}

const invalidPull = (field: string, message?: string): GitHubError =>
  validationFailed({
    resource: 'PullRequest',
    code: message === undefined ? 'invalid' : 'custom',
    field,
    ...(message === undefined ? {} : { message }),
  });

/** Opens a pull request between two branches of the repository. */
export function createPullRequest(writer: Writer, repository: Repository, body: Body): PullRequest {
  const missing = ['head', 'base'].filter((key) => typeof body[key] !== 'string');
  if (missing.length > 0) throw missingKeys(missing);
  const base = String(body['base']).replace(/^refs\/heads\//, '');
  const head = String(body['head'])
    .replace(/^refs\/heads\//, '')
    .replace(/^[^:]*:/, '');
  const from = repository.branches.get(head);
  const into = repository.branches.get(base);
  if (from === undefined) throw invalidPull('head');
  if (into === undefined) throw invalidPull('base');
  const owner = repository.organization.login;
  for (const thread of repository.threads.values())
    if (
      thread.kind === 'PullRequest' &&
      thread.state === 'open' &&
      thread.head === head &&
      thread.base === base
    )
      throw invalidPull('head', `A pull request already exists for ${owner}:${head}.`);
  if (from.commit === into.commit) throw invalidPull('head', `No commits between ${base} and ${head}`);
  const pull = writer.state.register<PullRequest>({
    kind: 'PullRequest',
    ...writer.state.identify('PullRequest'),
    ...common(writer, repository, body),
    head,
    head_sha: from.commit.sha,
    base,
    base_sha: into.commit.sha,
    draft: body['draft'] === true,
    merged_at: null,
  });
  repository.threads.set(pull.number, pull);
  writer.record('pull_request.create', placeOf(repository, path(pull)), null, threadValue(pull));
  return pull;
}

export function findThread(repository: Repository, number: string | number): Issue | PullRequest {
  const thread = repository.threads.get(Number(number));
  if (thread === undefined) throw notFound();
  return thread;
}

export function findPullRequest(repository: Repository, number: string | number): PullRequest {
  const thread = findThread(repository, number);
  if (thread.kind !== 'PullRequest') throw notFound();
  return thread;
}

/** Changes title, body, labels or state; works for issues and pull requests alike. */
export function updateThread(writer: Writer, thread: Issue | PullRequest, body: Body): void {
  const state = body['state'];
  if (state !== undefined && state !== 'open' && state !== 'closed')
    throw validationFailed({ resource: 'Issue', code: 'invalid', field: 'state' });
  const before = threadValue(thread);
  const now = writer.state.timestamp();
  if (typeof body['title'] === 'string') thread.title = body['title'];
  if (body['body'] !== undefined) thread.body = textOrNull(body['body']);
  if (body['labels'] !== undefined) thread.labels = labelNames(body['labels']);
  if (state !== undefined && state !== thread.state) {
    thread.state = state;
    thread.closed_at = state === 'closed' ? now : null;
    if (thread.kind === 'Issue') {
      const reason = body['state_reason'] as Issue['state_reason'] | undefined;
      thread.state_reason = state === 'open' ? 'reopened' : (reason ?? 'completed');
    }
  }
  thread.updated_at = now;
  const kind = thread.kind === 'Issue' ? 'issue.update' : 'pull_request.update';
  writer.record(kind, placeOf(thread.repository, path(thread)), before, threadValue(thread));
}

export function addComment(writer: Writer, thread: Issue | PullRequest, body: unknown): IssueComment {
  if (typeof body !== 'string' || body === '') throw missingKeys(['body']);
  const now = writer.state.timestamp();
  const comment = writer.state.register<IssueComment>({
    kind: 'IssueComment',
    ...writer.state.identify('IssueComment'),
    issue: thread,
    body,
    user: writer.actor,
    created_at: now,
    updated_at: now,
  });
  thread.comments.push(comment);
  writer.record(
    'comment.create',
    placeOf(thread.repository, `${path(thread)}/comments/${comment.id}`),
    null,
    { body },
  );
  return comment;
}

export function deleteComment(writer: Writer, comment: IssueComment): void {
  const thread = comment.issue;
  thread.comments = thread.comments.filter((other) => other !== comment);
  writer.state.nodes.delete(comment.node_id);
  const target = `${path(thread)}/comments/${comment.id}`;
  writer.record('comment.delete', placeOf(thread.repository, target), { body: comment.body }, null);
}
