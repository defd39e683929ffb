import { sameJson } from '../../standards/json.js';
import type { JsonObject, Target } from '../../standards/model.js';
import { commitTrailer, isMarkedBy, issueKey } from '../../standards/repository-marker.js';
import { isRefused } from '../errors.js';
import { type Fields, number, object, objects, text, textOrNull, toJson } from '../json.js';
import { accessTo, attachedTo } from './attachments.js';
import type { OperationContext } from './operation.js';
import { refused, repository } from './target.js';
import { findByName } from './whereabouts.js';

/** What a run remembers of the repository that it made: which one it is, and how it was. Plain JSON. */
export interface MadeRepository {
  [field: string]: JsonObject | string[] | number | string | null;
  id: number;
  node_id: string;
  full_name: string;
  html_url: string;
  default_branch: string | null;
  created_at: string;
  /** The first commit, at the tip of the default branch; null where GitHub did not show it yet. */
  head: string | null;
  /** The fields of {@link SETTINGS} as they were. */
  settings: JsonObject;
  /** Who had access, as {@link accessTo} says it. */
  access: string[];
  /** Epoch milliseconds on the clock of the worker that made it. */
  made_at: number;
}

/** What nobody but a person changes in a new repository. */
const SETTINGS = [
  'name',
  'private',
  'visibility',
  'archived',
  'default_branch',
  'homepage',
  'topics',
  'has_issues',
  'has_projects',
  'has_wiki',
  'has_discussions',
  'is_template',
  'has_pages',
  'allow_forking',
  'allow_merge_commit',
  'allow_squash_merge',
  'allow_rebase_merge',
  'allow_auto_merge',
  'allow_update_branch',
  'delete_branch_on_merge',
  'squash_merge_commit_title',
  'squash_merge_commit_message',
  'merge_commit_title',
  'merge_commit_message',
  'web_commit_signoff_required',
  'security_and_analysis',
] as const;

/** Commits that are looked at: a saga makes a handful. */
const MOST_COMMITS = 50;

/** What is worth remembering of the repository that this run has just made. @throws GitHubError */
export async function readMade(
  context: OperationContext,
  target: Target,
  at: number,
): Promise<MadeRepository> {
  const name = `${target.owner}/${target.name}`;
  const { found, moved } = await findByName(context, target);
  if (moved) throw refused(409, `${name} has been renamed or transferred since this run made it`);
  if (found === null) throw refused(404, `GitHub does not show ${name} yet`);
  if (!isMarkedBy(textOrNull(found['description']), context.run))
    throw refused(409, `${name} does not carry this run's mark any more; look at what became of it`);
  const branch = textOrNull(found['default_branch']);
  const tip = (await branches(context, target)).find((each) => each['name'] === branch);
  return {
    id: number(found['id']),
    node_id: text(found['node_id']),
    full_name: text(found['full_name']),
    html_url: text(found['html_url']),
    default_branch: branch,
    created_at: text(found['created_at']),
    head: tip === undefined ? null : shaOf(tip),
    settings: settingsOf(found),
    access: await accessTo(context, target),
    made_at: at,
  };
}

/**
 * What somebody has done to a repository since this run made it, in words; empty where it is as created. The run's own
 * issues and commits do not count.
 * @throws GitHubError
 */
export async function changedSince(
  context: OperationContext,
  target: Target,
  found: Fields,
  made: MadeRepository | null,
): Promise<string[]> {
  const changed: string[] = [];
  if (!isMarkedBy(textOrNull(found['description']), context.run)) changed.push('its description');
  const now = settingsOf(found);
  for (const [field, value] of Object.entries(made?.settings ?? {}))
    if (!sameJson(now[field] ?? null, value)) changed.push(`its ${field}`);
  const base = made?.default_branch ?? textOrNull(found['default_branch']);
  for (const branch of await branches(context, target)) {
    const name = text(branch['name']);
    if (name !== base) changed.push(`branch ${name}`);
    else if (await holdsOthersCommits(context, target, shaOf(branch), made?.head ?? null))
      changed.push(`commits on ${name}`);
  }
  changed.push(...(await othersThreads(context, target)));
  return changed.length > 0 ? changed : attachedSince(context, target, base, made);
}

async function attachedSince(
  context: OperationContext,
  target: Target,
  base: string | null,
  made: MadeRepository | null,
): Promise<string[]> {
  const before = new Set(made?.access);
  const now = [...(await accessTo(context, target)), ...(await attachedTo(context, target, base))];
  return now.filter((one) => !before.has(one));
}

const settingsOf = (found: Fields): JsonObject =>
  Object.fromEntries(SETTINGS.map((field) => [field, toJson(found[field]) ?? null]));

const shaOf = (branch: Fields): string => text(object(branch['commit'])['sha']);

async function branches({ github }: OperationContext, target: Target): Promise<Fields[]> {
  return objects(await github.list('GET /repos/{owner}/{repo}/branches', repository(target)));
}

/** Follows the branch back to where the repository began; every commit on the way has to name this run. */
async function holdsOthersCommits(
  { github, run }: OperationContext,
  target: Target,
  tip: string,
  first: string | null,
): Promise<boolean> {
  let sha = tip;
  for (let count = 0; count < MOST_COMMITS; count += 1) {
    if (sha === first) return false;
    const { data } = await github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
      ...repository(target),
      commit_sha: sha,
    });
    const commit = object(data);
    const [parent, ...others] = objects(commit['parents']);
    if (parent === undefined) return first !== null;
    if (others.length > 0 || !text(commit['message']).includes(commitTrailer(run))) return true;
    sha = text(parent['sha']);
  }
  return true;
}

async function othersThreads({ github, run }: OperationContext, target: Target): Promise<string[]> {
  const at = { ...repository(target), state: 'all' };
  const list = async (kind: 'issues' | 'pulls'): Promise<Fields[]> =>
    objects(await github.list(`GET /repos/{owner}/{repo}/${kind}`, at));
  const threads = await list('issues').catch((error: unknown) => {
    // Issues are switched off; pull requests are not.
    if (isRefused(error, 410)) return list('pulls');
    throw error;
  });
  return threads.flatMap((thread) => {
    const name = `#${String(thread['number'])}`;
    if (thread['pull_request'] !== undefined || thread['head'] !== undefined) return [`pull request ${name}`];
    if (issueKey(textOrNull(thread['body']), run) === null) return [`issue ${name}`];
    return Number(thread['comments'] ?? 0) > 0 ? [`comments on issue ${name}`] : [];
  });
}
