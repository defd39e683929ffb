import { notFound } from '../errors.js';
import { mergePullRequest } from '../state/merging.js';
import type { Issue, IssueComment, PullRequest, Repository } from '../state/model.js';
import { fold } from '../state/state.js';
import {
  addComment,
  createIssue,
  createPullRequest,
  deleteComment,
  findPullRequest,
  findThread,
  updateThread,
} from '../state/threads.js';
import { page } from './pagination.js';
import { repositoryOf, repositoryUrl, writableRepository } from './target.js';
import { created, noContent, ok, type Reply, type RestRequest, route } from './types.js';
import { userOrNull } from './views.js';

const REPO = '/repos/{owner}/{repo}';

function threadView(request: RestRequest, thread: Issue | PullRequest): Record<string, unknown> {
  const { repository, number } = thread;
  const html = `${request.origin}/${repository.organization.login}/${repository.name}`;
  return {
    id: thread.id,
    node_id: thread.node_id,
    number,
    title: thread.title,
    body: thread.body,
    state: thread.state,
    user: userOrNull(request, thread.user),
    labels: thread.labels.map((name) => ({
      name,
      color: repository.labels.get(fold(name))?.color ?? 'ededed',
    })),
    locked: false,
    assignees: [],
    comments: thread.comments.length,
    created_at: thread.created_at,
    updated_at: thread.updated_at,
    closed_at: thread.closed_at,
    html_url: `${html}/${thread.kind === 'Issue' ? 'issues' : 'pull'}/${number}`,
  };
}

function issueView(request: RestRequest, thread: Issue | PullRequest): Record<string, unknown> {
  const url = repositoryUrl(request, thread.repository);
  return {
    ...threadView(request, thread),
    url: `${url}/issues/${thread.number}`,
    comments_url: `${url}/issues/${thread.number}/comments`,
    ...(thread.kind === 'Issue'
      ? { state_reason: thread.state_reason }
      : { pull_request: { url: `${url}/pulls/${thread.number}`, merged_at: thread.merged_at } }),
  };
}

function pullView(request: RestRequest, pull: PullRequest): Record<string, unknown> {
  const { repository, head, base } = pull;
  const owner = repository.organization.login;
  const isMerged = pull.merged_at !== null;
  const tip = (branch: string): string | undefined =>
    isMerged ? undefined : repository.branches.get(branch)?.commit.sha;
  return {
    ...threadView(request, pull),
    url: `${repositoryUrl(request, repository)}/pulls/${pull.number}`,
    head: { label: `${owner}:${head}`, ref: head, sha: tip(head) ?? pull.head_sha },
    base: { label: `${owner}:${base}`, ref: base, sha: tip(base) ?? pull.base_sha },
    draft: pull.draft,
    merged: isMerged,
    merged_at: pull.merged_at,
    mergeable: true,
  };
}

function commentView(request: RestRequest, comment: IssueComment): Record<string, unknown> {
  const url = repositoryUrl(request, comment.issue.repository);
  return {
    id: comment.id,
    node_id: comment.node_id,
    url: `${url}/issues/comments/${comment.id}`,
    issue_url: `${url}/issues/${comment.issue.number}`,
    body: comment.body,
    user: userOrNull(request, comment.user),
    created_at: comment.created_at,
    updated_at: comment.updated_at,
  };
}

/** Threads newest first, by the `state`, `labels` and `since` of the query. */
function listed(request: RestRequest, repository: Repository): (Issue | PullRequest)[] {
  const state = request.query.get('state') ?? 'open';
  const labels = (request.query.get('labels') ?? '').split(',').filter((name) => name !== '');
  const since = Date.parse(request.query.get('since') ?? '');
  const threads = [...repository.threads.values()].filter(
    (thread) =>
      (state === 'all' || thread.state === state) &&
      !(Date.parse(thread.updated_at) < since) &&
      labels.every((name) => thread.labels.some((label) => fold(label) === fold(name))),
  );
  return request.query.get('direction') === 'asc' ? threads : threads.toReversed();
}

function listPulls(request: RestRequest): Reply {
  const head = request.query.get('head')?.replace(/^[^:]*:/, '');
  const base = request.query.get('base');
  const pulls = listed(request, repositoryOf(request)).filter(
    (thread) =>
      thread.kind === 'PullRequest' &&
      (head === undefined || thread.head === head) &&
      (base === null || thread.base === base),
  ) as PullRequest[];
  return page(request, pulls, (pull) => pullView(request, pull));
}

function findComment(request: RestRequest, repository: Repository): IssueComment {
  for (const thread of repository.threads.values())
    for (const comment of thread.comments)
      if (String(comment.id) === request.params['comment_id']) return comment;
  throw notFound();
}

const threadOf = (request: RestRequest, repository: Repository) =>
  findThread(repository, request.params['number'] ?? '');

export const threadRoutes = [
  route(`GET ${REPO}/issues`, (request) =>
    page(request, listed(request, repositoryOf(request)), (thread) => issueView(request, thread)),
  ),
  route(
    `POST ${REPO}/issues`,
    (request) =>
      created(issueView(request, createIssue(request.writer, writableRepository(request), request.body))),
    { content: true },
  ),
  route(`GET ${REPO}/issues/{number}`, (request) =>
    ok(issueView(request, threadOf(request, repositoryOf(request)))),
  ),
  route(`PATCH ${REPO}/issues/{number}`, (request) => {
    const thread = threadOf(request, writableRepository(request));
    updateThread(request.writer, thread, request.body);
    return ok(issueView(request, thread));
  }),
  route(`GET ${REPO}/issues/{number}/comments`, (request) =>
    page(request, threadOf(request, repositoryOf(request)).comments, (comment) =>
      commentView(request, comment),
    ),
  ),
  route(
    `POST ${REPO}/issues/{number}/comments`,
    (request) => {
      const thread = threadOf(request, writableRepository(request));
      return created(commentView(request, addComment(request.writer, thread, request.body['body'])));
    },
    { content: true },
  ),
  route(`DELETE ${REPO}/issues/comments/{comment_id}`, (request) => {
    deleteComment(request.writer, findComment(request, writableRepository(request)));
    return noContent();
  }),
  route(`GET ${REPO}/pulls`, listPulls),
  route(
    `POST ${REPO}/pulls`,
    (request) =>
      created(
        pullView(request, createPullRequest(request.writer, writableRepository(request), request.body)),
      ),
    { content: true },
  ),
  route(`GET ${REPO}/pulls/{number}`, (request) =>
    ok(pullView(request, findPullRequest(repositoryOf(request), request.params['number'] ?? ''))),
  ),
  route(`PATCH ${REPO}/pulls/{number}`, (request) => {
    const pull = findPullRequest(writableRepository(request), request.params['number'] ?? '');
    updateThread(request.writer, pull, request.body);
    return ok(pullView(request, pull));
  }),
  route(`PUT ${REPO}/pulls/{number}/merge`, (request) => {
    const pull = findPullRequest(writableRepository(request), request.params['number'] ?? '');
    const { sha } = mergePullRequest(request.writer, pull);
    return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
  }),
];
