import type { PageCursor } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import { GitHubError } from '../errors.js';
import { readRepositories as repositoriesById, whereIs as whereById } from './by-id.js';
import { TooManyError } from './complete.js';
import { readOrganization as organization } from './organization.js';
import { readRepositoryPage as page } from './page.js';

type Read<Arguments extends unknown[], Result> = (
  github: GitHubClient,
  ...rest: Arguments
) => Promise<Result>;

/**
 * Reads by GraphQL, and by REST where the host refuses the query: it has no GraphQL, or an older schema. What is refused
 * for another reason is refused by REST too, in REST's words.
 */
function orByRest<Arguments extends unknown[], Result>(
  read: Read<Arguments, Result>,
): Read<Arguments, Result> {
  return async (github, ...rest) => {
    const { hasGraphql } = github;
    try {
      return await read(github, ...rest);
    } catch (error) {
      if (!hasGraphql || error instanceof TooManyError) throw error;
      if (!(error instanceof GitHubError) || error.failure.kind !== 'refused') throw error;
      return read(byRest(github), ...rest);
    }
  };
}

function byRest(github: GitHubClient): GitHubClient {
  return {
    hasGraphql: false,
    rest: (route, parameters, options) => github.rest(route, parameters, options),
    list: (route, parameters) => github.list(route, parameters),
    graphql: (query, variables, options) => github.graphql(query, variables, options),
    mutate: (mutation) => github.mutate(mutation),
  };
}

/** A page that REST has read is followed by pages of REST: the two count differently. */
const isRestCursor = (cursor: PageCursor | null): boolean => /^\d+$/.test(cursor?.repositories ?? '');

/** {@link page}, by REST where GraphQL is refused. */
export const readRepositoryPage: typeof page = (github, login, needs, cursor, size) =>
  isRestCursor(cursor)
    ? page(byRest(github), login, needs, cursor, size)
    : orByRest(page)(github, login, needs, cursor, size);

/** {@link organization}, by REST where GraphQL is refused. */
export const readOrganization = orByRest(organization);

/** {@link repositoriesById}, by REST where GraphQL is refused. */
export const readRepositories = orByRest(repositoriesById);

/** {@link whereById}, by REST where GraphQL is refused. */
export const whereIs = orByRest(whereById);
