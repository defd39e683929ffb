import { createHash } from 'node:crypto';
import type { RepositoryState } from '../../standards/model.js';
import { type Fields, isObject, number, object, objects, text } from '../json.js';

/** The branch on which a file is proposed: one for each path, so that a path has one open pull request at most. */
export function proposalBranch(path: string): string {
  return `orgsaga/${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

/** The hidden comment in the body of a pull request of ours. */
export function proposalMarker(run: string, path: string): string {
  return `<!-- orgsaga:proposal run=${run} path=${encodeURIComponent(path)} -->`;
}

/** The run that proposes that path, as the body of a pull request says; null where it is none of ours, or another path's. */
export function proposer(body: string, path: string): string | null {
  const marks = [...body.matchAll(/<!-- orgsaga:proposal run=(\S+) path=(\S+) -->/g)];
  return marks.find(([, , proposed]) => proposed === encodeURIComponent(path))?.[1] ?? null;
}

/** Whether the body of a pull request says that it is ours and proposes that path, whatever the run. */
export function proposes(body: string, path: string): boolean {
  return proposer(body, path) !== null;
}

function blobAt(expression: string): string {
  return `object(expression: ${JSON.stringify(expression)}) { __typename ... on Blob { oid } }`;
}

/** The selection of the managed files and of our open proposals for them. */
export function fileSelection(paths: readonly string[]): string {
  return paths
    .map((path, index) => {
      const branch = proposalBranch(path);
      return `file${index}: ${blobAt(`HEAD:${path}`)}
        proposed${index}: ${blobAt(`${branch}:${path}`)}
        proposals${index}: pullRequests(first: 5, states: [OPEN], headRefName: ${JSON.stringify(branch)}) { nodes { number body } }`;
    })
    .join('\n');
}

export function filesOf(
  node: Fields,
  paths: readonly string[],
): Pick<RepositoryState, 'files' | 'proposals'> {
  const files: RepositoryState['files'] = {};
  const proposals: RepositoryState['proposals'] = {};
  for (const [index, path] of paths.entries()) {
    files[path] = blobOf(node[`file${index}`]);
    const ours = objects(object(node[`proposals${index}`])['nodes']).find((pull) =>
      proposes(text(pull['body']), path),
    );
    if (ours !== undefined)
      proposals[path] = {
        number: number(ours['number']),
        sha: blobOf(node[`proposed${index}`])?.sha ?? null,
      };
  }
  return { files, proposals };
}

function blobOf(value: unknown): { sha: string } | null {
  return isObject(value) && value['__typename'] === 'Blob' ? { sha: text(value['oid']) } : null;
}
