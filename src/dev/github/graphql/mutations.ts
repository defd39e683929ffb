import { createRef, deleteRef } from '../state/git.js';
import { createLabel, deleteLabel, updateLabel } from '../state/labels.js';
import type { Issue, Repository, TeamPermission } from '../state/model.js';
import { changePattern, deleteProtection, putProtection } from '../state/protections.js';
import {
  createRepository,
  invalidTopics,
  refuseArchived,
  replaceTopics,
  updateRepository,
} from '../state/repositories.js';
import { createRuleset, deleteRuleset, updateRuleset } from '../state/rulesets.js';
import { REPOSITORY_FIELDS } from '../state/settings.js';
import { putTeamRepository } from '../state/teams.js';
import { addComment, createIssue, createPullRequest, updateThread } from '../state/threads.js';
import { createCommitOnBranch } from './commit.js';
import { type Context, nodeOf, unprocessable } from './context.js';
import { PERMISSIONS } from './people.js';
import { protectionFromInput } from './protection.js';
import { rulesetBody } from './ruleset.js';

type Input = Record<string, unknown>;
export type Mutation = (context: Context, input: Input) => Record<string, unknown>;

function writable(context: Context, id: unknown): Repository {
  const repository = nodeOf(context, id, 'Repository');
  refuseArchived(repository);
  return repository;
}

/** The input without what was left out, given as null or is GraphQL's own. */
const given = (input: Input): Input =>
  Object.fromEntries(
    Object.entries(input).filter(
      ([key, value]) => value !== null && value !== undefined && key !== 'clientMutationId',
    ),
  );

const REST_NAMES: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.entries(REPOSITORY_FIELDS).flatMap(([name, { graphql }]) =>
    graphql === undefined ? [] : [[graphql, name]],
  ),
  ['template', 'is_template'],
  ['name', 'name'],
]) as Record<string, string>;

const repositoryBody = (input: Input): Input =>
  Object.fromEntries(
    Object.entries(given(input)).flatMap(([key, value]) => {
      const name = REST_NAMES[key];
      return name === undefined ? [] : [[name, value]];
    }),
  );

function labelNames(context: Context, ids: unknown): string[] | undefined {
  return Array.isArray(ids) ? ids.map((id) => nodeOf(context, id, 'Label').name) : undefined;
}

/** What each mutation does; the keys of what it returns are the fields of its payload. */
export const mutations: Readonly<Record<string, Mutation>> = {
  createBranchProtectionRule: (context, input) => {
    const repository = writable(context, input['repositoryId']);
    const pattern = String(input['pattern']);
    if (repository.protections.has(pattern)) throw unprocessable(`Name already protected: ${pattern}`);
    const settings = protectionFromInput(context, input);
    return { branchProtectionRule: putProtection(context.writer, repository, pattern, settings) };
  },
  updateBranchProtectionRule: (context, input) => {
    const rule = nodeOf(context, input['branchProtectionRuleId'], 'BranchProtectionRule');
    const settings = protectionFromInput(context, input, rule);
    refuseArchived(rule.repository);
    if (typeof input['pattern'] === 'string') changePattern(context.writer, rule, input['pattern']);
    return { branchProtectionRule: putProtection(context.writer, rule.repository, rule.pattern, settings) };
  },
  deleteBranchProtectionRule: (context, input) => {
    deleteProtection(
      context.writer,
      nodeOf(context, input['branchProtectionRuleId'], 'BranchProtectionRule'),
    );
    return {};
  },
  updateTeamsRepository: (context, input) => {
    const repository = writable(context, input['repositoryId']);
    const teams = (input['teamIds'] as unknown[]).map((id) => nodeOf(context, id, 'Team'));
    const permission = Object.keys(PERMISSIONS).find(
      (key) => PERMISSIONS[key as TeamPermission] === input['permission'],
    );
    for (const team of teams)
      putTeamRepository(context.writer, team, repository, permission as TeamPermission);
    return { repository, teams };
  },
  updateTopics: (context, input) => {
    const repository = writable(context, input['repositoryId']);
    const names = input['topicNames'] as string[];
    const invalid = invalidTopics(names);
    if (invalid.length > 0) return { invalidTopicNames: invalid, repository };
    replaceTopics(context.writer, repository, names);
    return { invalidTopicNames: [], repository };
  },
  updateRepository: (context, input) => {
    const repository = nodeOf(context, input['repositoryId'], 'Repository');
    updateRepository(context.writer, repository, repositoryBody(input));
    return { repository };
  },
  createRepository: (context, input) => {
    const organization = nodeOf(context, input['ownerId'], 'Organization');
    const visibility = String(input['visibility']).toLowerCase();
    return {
      repository: createRepository(context.writer, organization, { ...repositoryBody(input), visibility }),
    };
  },
  createIssue: (context, input) => {
    const repository = writable(context, input['repositoryId']);
    const labels = labelNames(context, input['labelIds']);
    return { issue: createIssue(context.writer, repository, { ...input, labels }) };
  },
  updateIssue: (context, input) => {
    const issue = nodeOf(context, input['id'], 'Issue');
    refuseArchived(issue.repository);
    const state = typeof input['state'] === 'string' ? input['state'].toLowerCase() : undefined;
    const { title, body } = given(input);
    updateThread(context.writer, issue, {
      title,
      body,
      state,
      labels: labelNames(context, input['labelIds']),
    });
    return { issue, actor: context.writer.actor };
  },
  closeIssue: (context, input) => {
    const issue = nodeOf(context, input['issueId'], 'Issue');
    refuseArchived(issue.repository);
    const reason = (
      input['stateReason'] as string | null | undefined
    )?.toLowerCase() as Issue['state_reason'];
    updateThread(context.writer, issue, { state: 'closed', state_reason: reason ?? 'completed' });
    return { issue };
  },
  addComment: (context, input) => {
    const subject = nodeOf(context, input['subjectId'], 'Issue', 'PullRequest');
    refuseArchived(subject.repository);
    const node = addComment(context.writer, subject, input['body']);
    return {
      commentEdge: { cursor: String(node.id), node },
      subject,
      timelineEdge: { cursor: String(node.id), node },
    };
  },
  createCommitOnBranch,
  createRef: (context, input) => {
    const repository = writable(context, input['repositoryId']);
    return { ref: createRef(context.writer, repository, input['name'], input['oid']) };
  },
  deleteRef: (context, input) => {
    const ref = nodeOf(context, input['refId'], 'Ref');
    refuseArchived(ref.repository);
    deleteRef(context.writer, ref);
    return {};
  },
  createPullRequest: (context, input) => {
    const repository = writable(context, input['repositoryId']);
    const { title, body, draft, headRefName: head, baseRefName: base } = input;
    return { pullRequest: createPullRequest(context.writer, repository, { title, body, draft, head, base }) };
  },
  closePullRequest: (context, input) => {
    const pullRequest = nodeOf(context, input['pullRequestId'], 'PullRequest');
    refuseArchived(pullRequest.repository);
    updateThread(context.writer, pullRequest, { state: 'closed' });
    return { pullRequest };
  },
  createLabel: (context, input) => {
    const repository = writable(context, input['repositoryId']);
    const { name, color, description } = given(input);
    return { label: createLabel(context.writer, repository, { name, color, description }) };
  },
  updateLabel: (context, input) => {
    const label = nodeOf(context, input['id'], 'Label');
    refuseArchived(label.repository);
    const { name, color, description } = given(input);
    updateLabel(context.writer, label, { name, color, description });
    return { label };
  },
  deleteLabel: (context, input) => {
    const label = nodeOf(context, input['id'], 'Label');
    refuseArchived(label.repository);
    deleteLabel(context.writer, label);
    return {};
  },
  createRepositoryRuleset: (context, input) => {
    const source = nodeOf(context, input['sourceId'], 'Repository', 'Organization');
    if (source.kind === 'Repository') refuseArchived(source);
    return { ruleset: createRuleset(context.writer, source, rulesetBody(context, input)) };
  },
  updateRepositoryRuleset: (context, input) => {
    const ruleset = nodeOf(context, input['repositoryRulesetId'], 'RepositoryRuleset');
    if (ruleset.source.kind === 'Repository') refuseArchived(ruleset.source);
    updateRuleset(context.writer, ruleset, rulesetBody(context, input));
    return { ruleset };
  },
  deleteRepositoryRuleset: (context, input) => {
    const ruleset = nodeOf(context, input['repositoryRulesetId'], 'RepositoryRuleset');
    if (ruleset.source.kind === 'Repository') refuseArchived(ruleset.source);
    deleteRuleset(context.writer, ruleset);
    return {};
  },
};

/** Mutations that count as creating content for the secondary limits. */
export const CONTENT_MUTATIONS: ReadonlySet<string> = new Set([
  'createRepository',
  'createIssue',
  'addComment',
  'createCommitOnBranch',
  'createPullRequest',
]);
