import { describe, expect, it } from 'vitest';
import { seedDemo } from '../../src/dev/github/index.js';
import { readRepositoryPage } from '../../src/github/read/index.js';
import type { PageCursor, RepositoryNeeds, RepositoryState } from '../../src/standards/model.js';
import { asRestShows, failureOfCall, NO_NEEDS, world } from './support.js';

const NEEDS: RepositoryNeeds = {
  ...NO_NEEDS,
  settings: ['has_wiki'],
  branch_protection: true,
  teams: ['maintainers'],
};

/** All pages of an organisation, by whatever way the reader takes. */
async function readAll(
  client: Parameters<typeof readRepositoryPage>[0],
  login: string,
): Promise<RepositoryState[]> {
  const all: RepositoryState[] = [];
  let cursor: PageCursor | null = null;
  for (let pages = 0; pages < 20; pages += 1) {
    const page: Awaited<ReturnType<typeof readRepositoryPage>> = await readRepositoryPage(
      client,
      login,
      NEEDS,
      cursor,
      20,
    );
    all.push(...page.repositories);
    cursor = page.next;
    if (cursor === null) return all;
  }
  throw new Error('the pages do not end');
}

describe('a host that refuses GraphQL', () => {
  it.each([
    ['has no such path', 404, { message: 'Not Found' }],
    ['knows no such field', 200, { errors: [{ message: "Field 'x' doesn't exist on type 'Repository'" }] }],
  ])('%s: every page is read by REST, with the same result', async (_, status, body) => {
    const { github, client } = await world([seedDemo(45)]);
    const expected = (await readAll(client(), 'acme')).map(asRestShows);
    github.faults.add({ match: { path: '/graphql' }, when: 'before', kind: 'status', status, body });
    expect(await readAll(client(), 'acme')).toEqual(expected);
    expect(expected).toHaveLength(45);
  });

  it('is not taken for one where a repository has more than an answer gives: REST shows less', async () => {
    const open = {
      required_status_checks: null,
      required_pull_request_reviews: null,
      enforce_admins: true,
      restrictions: null,
    };
    const rules = Array.from({ length: 101 }, (_, index) => [`release/${index}/*`, open]);
    const repository = { name: 'api', branch_protection: Object.fromEntries(rules) };
    const { client } = await world([{ login: 'acme', repositories: [repository] }]);
    const error = await failureOfCall(readRepositoryPage(client(), 'acme', NEEDS, null, 20));
    expect(error.message).toContain('acme/api has more than 100 branch protection rules');
  });

  it('is not taken for one where the organisation is not there', async () => {
    const { client } = await world([seedDemo(5)]);
    expect(await failureOfCall(readRepositoryPage(client(), 'nobody', NEEDS, null, 20))).toMatchObject({
      failure: { kind: 'refused', status: 404 },
    });
  });
});
