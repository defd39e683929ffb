import type { GitHubClient } from '../client.js';
import { GitHubError } from '../errors.js';
import { chunks, mapLimited, queryWhole, repeatRead } from './query.js';
import { getOrNull } from './rest-repository.js';

/** Names in one query, and single reads at once. */
const IN_ONE = 100;
const AT_ONCE = 10;

/** Those of the logins that are nobody's. @throws GitHubError */
export async function missingLogins(github: GitHubClient, logins: readonly string[]): Promise<string[]> {
  if (!github.hasGraphql) {
    const found = await mapLimited(logins, AT_ONCE, (username) =>
      getOrNull(github, 'GET /users/{username}', { username }),
    );
    return logins.filter((_, index) => found[index] === null);
  }
  return missing(github, logins, usersQuery, {});
}

/** Those of the names that are no repository of the organisation. @throws GitHubError */
export async function missingRepositories(
  github: GitHubClient,
  owner: string,
  names: readonly string[],
): Promise<string[]> {
  if (!github.hasGraphql) {
    const found = await mapLimited(names, AT_ONCE, (repo) => holdsRepository(github, owner, repo));
    return names.filter((_, index) => found[index] !== true);
  }
  return missing(github, names, repositoriesQuery, { owner });
}

/** Exported so that a test can validate all that can be built. */
export function usersQuery(logins: readonly string[]): string {
  const aliases = logins.map((login, index) => `n${index}: user(login: ${JSON.stringify(login)}) { login }`);
  return `query { ${aliases.join('\n')} }`;
}

/** Exported so that a test can validate all that can be built. */
export function repositoriesQuery(names: readonly string[]): string {
  const aliases = names.map(
    (name, index) =>
      `n${index}: repository(owner: $owner, name: ${JSON.stringify(name)}, followRenames: false) { name }`,
  );
  return `query($owner: String!) { ${aliases.join('\n')} }`;
}

/** False for an old name, too, which GitHub redirects. */
async function holdsRepository(github: GitHubClient, owner: string, repo: string): Promise<boolean> {
  try {
    return (await getOrNull(github, 'GET /repos/{owner}/{repo}', { owner, repo })) !== null;
  } catch (error) {
    if (error instanceof GitHubError && error.failure.kind === 'refused' && error.failure.status < 400)
      return false;
    throw error;
  }
}

async function missing(
  github: GitHubClient,
  names: readonly string[],
  query: (names: readonly string[]) => string,
  variables: { owner?: string },
): Promise<string[]> {
  const none: string[] = [];
  for (const part of chunks(names, IN_ONE)) {
    const data = await repeatRead(() =>
      queryWhole(github, query(part), variables, (path) => path.length === 1),
    );
    none.push(...part.filter((_, index) => (data[`n${index}`] ?? null) === null));
  }
  return none;
}
