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

/**
 * Proposes a file, or its removal (null), by one open pull request of ours. Every part looks first at what is there, so
 * a repeat goes on where the one before it stopped.
 * @throws GitHubError refused where the branch holds what is not ours
 */
export async function propose(
  context: OperationContext,
  target: Target,
  path: string,
  bytes: Buffer | null,
): Promise<void> {
  const { github, run } = context;
  const base = target.default_branch;
  if (base === null) throw refused(409, `${target.owner}/${target.name} has no branch to propose to`);
  const branch = proposalBranch(path);
  const at = repository(target);
  const open = await openProposal(context, target, path);
  if (open === null) await prepareBranch(context, target, path, base);

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

/** Closes our pull request for a path and removes its branch; without one there is nothing to do. @throws GitHubError */
export async function withdraw(context: OperationContext, target: Target, path: string): Promise<void> {
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
  if (head === null || !(await isOurs(context, target, path, head))) return;
  await context.github.rest(`DELETE ${REFS}/{ref}`, { ...at, ref: `heads/${branch}` });
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
  path: string,
  base: string,
): Promise<void> {
  const { github } = context;
  const branch = proposalBranch(path);
  const tip = await branchHead(context, target, base);
  if (tip === null)
    throw refused(404, `${target.owner}/${target.name} has no branch ${base} any more; plan again`);
  const head = await branchHead(context, target, branch);
  if (head === tip) return;
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
  if (!(await isOurs(context, target, path, head)))
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

/** Whether the tip of a proposal's branch is ours: by a pull request of ours with that tip, else by the commit itself. */
async function isOurs(
  { github }: OperationContext,
  target: Target,
  path: string,
  sha: string,
): Promise<boolean> {
  const at = repository(target);
  const pulls = objects(
    await github.list(`GET ${PULLS}`, { ...at, state: 'all', head: headOf(target, path) }),
  );
  if (pulls.some((pull) => proposes(text(pull['body']), path) && object(pull['head'])['sha'] === sha))
    return true;
  const commit = await getOrNull(github, 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    ...at,
    commit_sha: sha,
  });
  return text(object(commit)['message']).includes(trailer(path));
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
