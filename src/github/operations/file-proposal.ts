import type { Buffer } from 'node:buffer';
import type { Target } from '../../standards/model.js';
import { isRefused } from '../errors.js';
import { type Fields, number, object, objects, text } from '../json.js';
import { proposalBranch, proposalMarker, proposes } from '../read/files.js';
import { getOrNull } from '../read/rest-repository.js';
import type { OperationContext } from './operation.js';
import { refused, repository } from './target.js';

const REFS = '/repos/{owner}/{repo}/git/refs';
const CONTENTS = '/repos/{owner}/{repo}/contents/{path}';
const PULLS = '/repos/{owner}/{repo}/pulls';

/**
 * Proposes a file, or its removal (null), by one open pull request of ours. Every part looks first at what is there, so
 * a repeat goes on where the one before it stopped. Nothing is committed on top of what is not ours.
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
  const isThere = bytes === null ? sha === null : sameBytes(present, bytes);
  // On top of their commits ours would look as if all of the branch were ours to remove.
  if (!isThere && open !== null) await refuseOthers(context, target, path, open);
  const message = `${bytes === null ? 'Remove' : 'Update'} ${path}\n\n${trailer(path)}\nOrgsaga-Run: ${run}`;
  if (bytes !== null && !isThere)
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
 * Closes our pull request for a path and removes its branch, whichever of them is there. Nothing is taken away where the
 * branch's tip is not ours.
 * @throws GitHubError refused where our pull request has commits of others
 */
export async function withdraw(context: OperationContext, target: Target, path: string): Promise<void> {
  const at = repository(target);
  const branch = proposalBranch(path);
  const open = await openProposal(context, target, path);
  const head = await branchHead(context, target, branch);
  const ours = head !== null && (await isOurs(context, target, path, head));
  if (open !== null) {
    if (head !== null && !ours) throw refused(409, othersIn(target, path, open));
    await context.github.rest(`PATCH ${PULLS}/{pull_number}`, {
      ...at,
      pull_number: number(open['number']),
      state: 'closed',
    });
  }
  if (ours) await context.github.rest(`DELETE ${REFS}/{ref}`, { ...at, ref: `heads/${branch}` });
}

/** What others have put on the branch of our open pull request, in words; empty where its tip is ours. @throws GitHubError */
export async function othersOnBranch(
  context: OperationContext,
  target: Target,
  path: string,
): Promise<string[]> {
  const branch = proposalBranch(path);
  const head = await branchHead(context, target, branch);
  return head === null || (await isOurs(context, target, path, head)) ? [] : [`commits on ${branch}`];
}

/** Whether a pull request goes out from a branch, or into it. */
export const isAt = (pull: Fields, end: 'head' | 'base', branch: string): boolean =>
  object(pull[end])['ref'] === branch;

/** Open pull requests of others from a proposal's branch or into it, in words: GitHub closes them with the branch. @throws GitHubError */
export async function othersWithBranch(
  { github }: OperationContext,
  target: Target,
  path: string,
): Promise<string[]> {
  const branch = proposalBranch(path);
  const open = { ...repository(target), state: 'open' };
  const from = objects(await github.list(`GET ${PULLS}`, { ...open, head: headOf(target, path) }));
  const into = objects(await github.list(`GET ${PULLS}`, { ...open, base: branch }));
  // Not every host takes both filters.
  const theirs = [
    ...from.filter((pull) => isAt(pull, 'head', branch) && !proposes(text(pull['body']), path)),
    ...into.filter((pull) => isAt(pull, 'base', branch)),
  ];
  return theirs.map((pull) => `pull request #${number(pull['number'])}`);
}

/** Whether there is a branch of ours without an open pull request of ours: a proposal that was broken off. @throws GitHubError */
export async function hasAbandonedBranch(
  context: OperationContext,
  target: Target,
  path: string,
): Promise<boolean> {
  if ((await openProposal(context, target, path)) !== null) return false;
  const head = await branchHead(context, target, proposalBranch(path));
  return head !== null && isOurs(context, target, path, head);
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

async function refuseOthers(
  context: OperationContext,
  target: Target,
  path: string,
  open: Fields,
): Promise<void> {
  if ((await othersOnBranch(context, target, path)).length > 0)
    throw refused(409, othersIn(target, path, open));
}

const othersIn = ({ owner, name }: Target, path: string, open: Fields): string =>
  `${owner}/${name} has commits of others on ${proposalBranch(path)}; merge or close pull request #${number(open['number'])}, and remove the branch`;

/** The commit at a branch's tip; null where there is no such branch. @throws GitHubError */
export async function branchHead(
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
 * Whether the tip of a proposal's branch is ours: nothing is on it but the base, or the commit says so itself. That a pull
 * request of ours has that tip proves nothing, since its head follows the branch, whoever pushes: it counts only where a host
 * that is no GitHub shows no commits, and nothing better is to be had.
 */
async function isOurs(
  context: OperationContext,
  target: Target,
  path: string,
  sha: string,
): Promise<boolean> {
  const { github } = context;
  const base = target.default_branch;
  if (base !== null && (await branchHead(context, target, base)) === sha) return true;
  const commit = await getOrNull(github, 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    ...repository(target),
    commit_sha: sha,
  });
  if (commit !== null) return text(object(commit)['message']).includes(trailer(path));
  const proposed = { ...repository(target), state: 'all', head: headOf(target, path) };
  return objects(await github.list(`GET ${PULLS}`, proposed)).some(
    (pull) => proposes(text(pull['body']), path) && object(pull['head'])['sha'] === sha,
  );
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
