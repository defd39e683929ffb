import type { Buffer } from 'node:buffer';
import type { Target } from '../../standards/model.js';
import { type Fields, number, object, objects, text } from '../json.js';
import { proposalBranch, proposalMarker, proposes } from '../read/files.js';
import { getOrNull } from '../read/rest-repository.js';
import type { OperationContext } from './operation.js';
import { isRefused, refused, repository } from './target.js';

const REFS = '/repos/{owner}/{repo}/git/refs';
const CONTENTS = '/repos/{owner}/{repo}/contents/{path}';
const PULLS = '/repos/{owner}/{repo}/pulls';

/** A path and the blob that our branch is to hold there; null: no file. */
export interface Wanted {
  path: string;
  sha: string | null;
}

/**
 * Proposes a file, or its removal (null), by one open pull request of ours. Every part looks first at what is there, so
 * a repeat goes on where the one before it stopped.
 * @throws GitHubError refused where the branch holds what is not ours
 */
export async function propose(
  context: OperationContext,
  target: Target,
  wanted: Wanted,
  bytes: Buffer | null,
): Promise<void> {
  const { github, run } = context;
  const { path } = wanted;
  const base = target.default_branch;
  if (base === null) throw refused(409, `${target.owner}/${target.name} has no branch to propose to`);
  const branch = proposalBranch(path);
  const at = repository(target);
  const open = await openProposal(context, target, path);
  if (open === null) await prepareBranch(context, target, wanted, base);

  const present = object(await getOrNull(github, `GET ${CONTENTS}`, { ...at, path, ref: branch }));
  const sha = typeof present['sha'] === 'string' ? { sha: present['sha'] } : null;
  const message = `${bytes === null ? 'Remove' : 'Update'} ${path}\n\n${trailer(path)}\nOrgsaga-Run: ${run}`;
  if (bytes !== null && !sameBytes(present, bytes))
    await github.rest(`PUT ${CONTENTS}`, {
      ...at,
      path,
      branch,
      message,
      content: bytes.toString('base64'),
      ...sha,
    });
  if (bytes === null && sha !== null)
    await github.rest(`DELETE ${CONTENTS}`, { ...at, path, branch, message, ...sha });
  if (open !== null) return;
  const action = bytes === null ? 'Remove' : 'Update';
  await github.rest(`POST ${PULLS}`, {
    ...at,
    title: `${action} ${path}`,
    head: branch,
    base,
    body: `Proposed by orgsaga to bring this repository to the organisation's standards.\n\n${proposalMarker(run, path)}`,
  });
}

/**
 * Closes our pull request for a path and removes its branch, whichever of them is there; a branch that is not ours stays.
 * @param wanted what the branch was to hold
 * @throws GitHubError
 */
export async function withdraw(context: OperationContext, target: Target, wanted: Wanted): Promise<void> {
  const { path } = wanted;
  const at = repository(target);
  const branch = proposalBranch(path);
  const open = await openProposal(context, target, path);
  if (open !== null)
    await context.github.rest(`PATCH ${PULLS}/{pull_number}`, {
      ...at,
      pull_number: number(open['number']),
      state: 'closed',
    });
  const head = await branchHead(context, target, branch);
  if (head === null || !(await isOurs(context, target, wanted, head))) return;
  await context.github.rest(`DELETE ${REFS}/{ref}`, { ...at, ref: `heads/${branch}` });
}

/** Whether there is a branch of ours without an open pull request of ours: a proposal that was broken off. @throws GitHubError */
export async function hasAbandonedBranch(
  context: OperationContext,
  target: Target,
  wanted: Wanted,
): Promise<boolean> {
  if ((await openProposal(context, target, wanted.path)) !== null) return false;
  const head = await branchHead(context, target, proposalBranch(wanted.path));
  return head !== null && isOurs(context, target, wanted, head);
}

async function openProposal(
  { github }: OperationContext,
  target: Target,
  path: string,
): Promise<Fields | null> {
  const pulls = await github.list(`GET ${PULLS}`, {
    ...repository(target),
    state: 'open',
    head: headOf(target, path),
  });
  return objects(pulls).find((pull) => proposes(text(pull['body']), path)) ?? null;
}

/** A branch of ours at the base's tip, or what a broken off attempt of ours left of it. */
async function prepareBranch(
  context: OperationContext,
  target: Target,
  wanted: Wanted,
  base: string,
): Promise<void> {
  const { github } = context;
  const branch = proposalBranch(wanted.path);
  const tip = await branchHead(context, target, base);
  if (tip === null)
    throw refused(404, `${target.owner}/${target.name} has no branch ${base} any more; plan again`);
  const head = await branchHead(context, target, branch);
  if (head === null) {
    try {
      await github.rest(`POST ${REFS}`, { ...repository(target), ref: `refs/heads/${branch}`, sha: tip });
      return;
    } catch (error) {
      // Another attempt of ours may have made it meanwhile.
      if (!isRefused(error, 422) || (await branchHead(context, target, branch)) !== tip) throw error;
      return;
    }
  }
  if (!(await isOurs(context, target, wanted, head)))
    throw refused(
      409,
      `${target.owner}/${target.name} has a branch ${branch} that does not come from orgsaga; rename or remove it`,
    );
}

async function branchHead(
  { github }: OperationContext,
  target: Target,
  branch: string,
): Promise<string | null> {
  const found = await getOrNull(github, 'GET /repos/{owner}/{repo}/git/ref/{ref}', {
    ...repository(target),
    ref: `heads/${branch}`,
  });
  return text(object(object(found)['object'])['sha']) || null;
}

/**
 * Whether the tip of a proposal's branch is ours: nothing is on it but the base, or a pull request of ours has that tip, or
 * the commit says so itself.
 */
async function isOurs(
  context: OperationContext,
  target: Target,
  wanted: Wanted,
  sha: string,
): Promise<boolean> {
  const { github } = context;
  const { path } = wanted;
  const at = repository(target);
  const base = target.default_branch;
  if (base !== null && (await branchHead(context, target, base)) === sha) return true;
  const pulls = objects(
    await github.list(`GET ${PULLS}`, { ...at, state: 'all', head: headOf(target, path) }),
  );
  if (pulls.some((pull) => proposes(text(pull['body']), path) && object(pull['head'])['sha'] === sha))
    return true;
  const commit = await getOrNull(github, 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    ...at,
    commit_sha: sha,
  });
  if (commit !== null) return text(object(commit)['message']).includes(trailer(path));
  // A host that does not show commits: the very blob that we want, on a branch of our name, is ours.
  const present = await getOrNull(github, `GET ${CONTENTS}`, { ...at, path, ref: proposalBranch(path) });
  return wanted.sha !== null && object(present)['sha'] === wanted.sha;
}

function headOf(target: Target, path: string): string {
  return `${target.owner}:${proposalBranch(path)}`;
}

function trailer(path: string): string {
  return `Orgsaga-Proposal: ${encodeURIComponent(path)}`;
}

function sameBytes(present: Fields, bytes: Buffer): boolean {
  return (
    text(present['content']).replaceAll(/\s/g, '') === bytes.toString('base64') &&
    present['sha'] !== undefined
  );
}
