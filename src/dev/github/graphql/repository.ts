import { defaultBranch, resolveCommit, treeSha } from '../state/git.js';
import type { Issue, IssueComment, Label, PullRequest, Ref, Repository } from '../state/model.js';
import type { Blob, Commit } from '../state/objects.js';
import { protectionOf } from '../state/pushes.js';
import { REPOSITORY_FIELDS } from '../state/settings.js';
import { fold } from '../state/state.js';
import { connection } from './connection.js';
import type { Fields } from './context.js';
import { rulesetsOf } from './ruleset.js';

const settings = Object.fromEntries(
  Object.entries(REPOSITORY_FIELDS).flatMap(([name, { graphql }]) =>
    graphql === undefined ? [] : [[graphql, (source: Repository) => source.settings[name]]],
  ),
);

interface BlobNode {
  __typename: 'Blob';
  repository: Repository;
  blob: Blob;
}

interface CommitNode {
  __typename: 'Commit';
  repository: Repository;
  commit: Commit;
}

interface TreeNode {
  __typename: 'Tree';
  repository: Repository;
  commit: Commit;
  path: string;
}

export const commitNode = (repository: Repository, commit: Commit): CommitNode => ({
  __typename: 'Commit',
  repository,
  commit,
});

function objectAt(repository: Repository, expression: string): BlobNode | CommitNode | TreeNode | null {
  const colon = expression.indexOf(':');
  const commit = resolveCommit(repository, colon < 0 ? expression : expression.slice(0, colon));
  if (commit === undefined) return null;
  if (colon < 0) return commitNode(repository, commit);
  const path = expression.slice(colon + 1).replace(/\/$/, '');
  const blob = commit.files.get(path);
  if (blob !== undefined) return { __typename: 'Blob', repository, blob };
  const isTree = path === '' || [...commit.files.keys()].some((file) => file.startsWith(`${path}/`));
  return isTree ? { __typename: 'Tree', repository, commit, path } : null;
}

const numberKey = (thread: Issue | PullRequest): string => String(thread.number).padStart(9, '0');

function threads(source: Repository, kind: 'Issue' | 'PullRequest', args: Record<string, unknown>): unknown {
  const states = args['states'] as string[] | null | undefined;
  const labels = args['labels'] as string[] | null | undefined;
  const list = [...source.threads.values()].filter(
    (thread) =>
      thread.kind === kind &&
      (!states || states.includes(stateOf(thread))) &&
      (!labels || labels.some((label) => thread.labels.includes(label))) &&
      (thread.kind === 'Issue' ||
        ((!args['baseRefName'] || thread.base === args['baseRefName']) &&
          (!args['headRefName'] || thread.head === args['headRefName']))),
  );
  const descending = (args['orderBy'] as { direction?: string } | undefined)?.direction === 'DESC';
  return connection(descending ? list.toReversed() : list, args, { key: numberKey, descending });
}

function stateOf(thread: Issue | PullRequest): string {
  return thread.kind === 'PullRequest' && thread.merged_at !== null ? 'MERGED' : thread.state.toUpperCase();
}

function labelsOf(source: Repository, args: Record<string, unknown>): unknown {
  const order = args['orderBy'] as { field?: string; direction?: string } | undefined;
  const query = typeof args['query'] === 'string' ? fold(args['query']) : '';
  const byName = order?.field === 'NAME';
  const key = (label: Label): string => (byName ? fold(label.name) : String(label.id).padStart(12, '0'));
  const list = [...source.labels.values()].filter((label) => fold(label.name).includes(query));
  list.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const descending = order?.direction === 'DESC';
  return connection(descending ? list.toReversed() : list, args, { key, descending });
}

const withoutPrefix = (name: unknown): string => String(name).replace(/^refs\/heads\//, '');

export const repository: Fields<Repository> = {
  ...settings,
  nameWithOwner: (source) => `${source.organization.login}/${source.name}`,
  owner: (source) => source.organization,
  visibility: (source) => String(source.settings['visibility']).toUpperCase(),
  isPrivate: (source) => source.settings['visibility'] !== 'public',
  isEmpty: (source) => source.branches.size === 0,
  isFork: () => false,
  isMirror: () => false,
  isDisabled: () => false,
  isLocked: () => false,
  isInOrganization: () => true,
  hasSponsorshipsEnabled: () => false,
  hasVulnerabilityAlertsEnabled: () => false,
  archivedAt: (source) => (source.settings['archived'] === true ? source.updated_at : null),
  squashPrTitleUsedAsDefault: (source) => source.settings['squash_merge_commit_title'] === 'PR_TITLE',
  url: (source, _args, context) => `${context.origin}/${source.organization.login}/${source.name}`,
  resourcePath: (source) => `/${source.organization.login}/${source.name}`,
  stargazerCount: () => 0,
  forkCount: () => 0,
  diskUsage: () => 1,
  viewerCanAdminister: () => true,
  viewerCanUpdateTopics: () => true,
  viewerPermission: () => 'ADMIN',
  parent: () => null,
  primaryLanguage: () => null,
  licenseInfo: () => null,
  defaultBranchRef: (source) => defaultBranch(source) ?? null,
  ref: (source, args) => source.branches.get(withoutPrefix(args['qualifiedName'])) ?? null,
  refs: (source, args) => {
    const query = typeof args['query'] === 'string' ? args['query'] : '';
    const list = [...source.branches.values()].filter((ref) => ref.name.includes(query));
    list.sort((a, b) => (a.name < b.name ? -1 : 1));
    return connection(String(args['refPrefix']).startsWith('refs/tags') ? [] : list, args, {
      key: (ref) => ref.name,
    });
  },
  object: (source, args) => objectAt(source, String(args['expression'] ?? args['oid'])),
  repositoryTopics: (source, args) =>
    connection(
      source.topics.map((name) => ({
        id: `RT_${source.id}_${name}`,
        topic: { id: `TO_${name}`, name },
        url: '',
        resourcePath: `/topics/${name}`,
      })),
      args,
    ),
  branchProtectionRules: (source, args) => connection([...source.protections.values()], args),
  ruleset: (source, args) =>
    source.rulesets.get(Number(args['databaseId'])) ??
    source.organization.rulesets.get(Number(args['databaseId'])) ??
    null,
  rulesets: (source, args) => rulesetsOf(source, args),
  label: (source, args) => source.labels.get(fold(String(args['name']))) ?? null,
  labels: labelsOf,
  issue: (source, args) => source.threads.get(Number(args['number'])) ?? null,
  issues: (source, args) => threads(source, 'Issue', args),
  pullRequest: (source, args) => source.threads.get(Number(args['number'])) ?? null,
  pullRequests: (source, args) => threads(source, 'PullRequest', args),
};

export const ref: Fields<Ref> = {
  prefix: () => 'refs/heads/',
  target: (source) => commitNode(source.repository, source.commit),
  branchProtectionRule: (source) => protectionOf(source.repository, source.name) ?? null,
};

export const commit: Fields<CommitNode> = {
  id: (source) => `C_${source.repository.id}_${source.commit.sha}`,
  oid: (source) => source.commit.sha,
  abbreviatedOid: (source) => source.commit.sha.slice(0, 7),
  message: (source) => source.commit.message,
  messageHeadline: (source) => source.commit.message.split('\n')[0],
  committedDate: (source) => source.commit.date,
  authoredDate: (source) => source.commit.date,
  url: (source, _args, context) =>
    `${context.origin}/${source.repository.organization.login}/${source.repository.name}/commit/${source.commit.sha}`,
};

export const blob: Fields<BlobNode> = {
  id: (source) => `B_${source.repository.id}_${source.blob.sha}`,
  oid: (source) => source.blob.sha,
  abbreviatedOid: (source) => source.blob.sha.slice(0, 7),
  byteSize: (source) => source.blob.content.length,
  isBinary: (source) => source.blob.content.includes(0),
  isTruncated: () => false,
  text: (source) => (source.blob.content.includes(0) ? null : source.blob.content.toString('utf8')),
};

export const tree: Fields<TreeNode> = {
  id: (source) => `T_${source.repository.id}_${treeSha(source.commit)}_${source.path}`,
  oid: (source) => treeSha(source.commit),
  entries: (source) => {
    const prefix = source.path === '' ? '' : `${source.path}/`;
    const names = new Map<string, boolean>();
    for (const file of source.commit.files.keys())
      if (file.startsWith(prefix)) {
        const [name = '', ...below] = file.slice(prefix.length).split('/');
        names.set(name, below.length === 0);
      }
    return [...names].map(([name, isBlob]) => ({
      name,
      path: prefix + name,
      type: isBlob ? 'blob' : 'tree',
      mode: isBlob ? 33188 : 16384,
      object: objectAt(source.repository, `${source.commit.sha}:${prefix}${name}`),
    }));
  },
};

export const label: Fields<Label> = { isDefault: () => false, createdAt: () => null, updatedAt: () => null };

const thread: Fields<Issue | PullRequest> = {
  body: (source) => source.body ?? '',
  bodyText: (source) => source.body ?? '',
  state: stateOf,
  closed: (source) => source.state === 'closed',
  author: (source) => source.user,
  locked: () => false,
  url: (source, _args, context) =>
    `${context.origin}/${source.repository.organization.login}/${source.repository.name}/${source.kind === 'Issue' ? 'issues' : 'pull'}/${source.number}`,
  labels: (source, args) =>
    connection(
      source.labels.flatMap((name) => source.repository.labels.get(fold(name)) ?? []),
      args,
    ),
  comments: (source, args) => connection(source.comments, args),
};

export const issue: Fields<Issue> = {
  ...thread,
  stateReason: (source) => source.state_reason?.toUpperCase() ?? null,
};

export const pullRequest: Fields<PullRequest> = {
  ...thread,
  baseRefName: (source) => source.base,
  headRefName: (source) => source.head,
  baseRef: (source) => source.repository.branches.get(source.base) ?? null,
  headRef: (source) => source.repository.branches.get(source.head) ?? null,
  headRefOid: (source) =>
    (source.merged_at === null ? source.repository.branches.get(source.head)?.commit.sha : undefined) ??
    source.head_sha,
  headRepository: (source) => source.repository,
  isDraft: (source) => source.draft,
  merged: (source) => source.merged_at !== null,
  mergeable: () => 'MERGEABLE',
};

export const issueComment: Fields<IssueComment> = {
  author: (source) => source.user,
  repository: (source) => source.issue.repository,
  issue: (source) => (source.issue.kind === 'Issue' ? source.issue : null),
  pullRequest: (source) => (source.issue.kind === 'PullRequest' ? source.issue : null),
};
