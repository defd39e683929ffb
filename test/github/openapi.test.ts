import { expect, it } from 'vitest';
import type { GitHubClient } from '../../src/github/client.js';
import { operations } from '../../src/github/operations/index.js';
import { readOrganization, readRepositories, readRepositoryPage } from '../../src/github/read/index.js';
import { openApiChecker } from '../dev/github/openapi.js';
import { CHANGES } from './operation-changes.js';
import { changeOf, type Place, place, targetOf } from './operations-support.js';

/** GitHub serves these, and its OpenAPI document leaves them out. */
const UNDOCUMENTED = [/^GET \/repositories\/\d+$/, /^POST \/graphql$/];

const checker = await openApiChecker();

/** What GitHub's OpenAPI document says against the REST requests that were sent. */
function complaints({ w }: Place): string[] {
  return w.github.journal
    .requests()
    .map(({ method, path, body }) => ({ method, path, body }))
    .filter(({ method, path }) => !UNDOCUMENTED.some((known) => known.test(`${method} ${path}`)))
    .flatMap((request) =>
      checker.complaints(request).map((said) => `${request.method} ${request.path}: ${said}`),
    );
}

async function readEverything(github: GitHubClient): Promise<void> {
  const needs = {
    settings: ['has_wiki', 'allow_update_branch'],
    topics: true,
    branch_protection: true,
    teams: ['ops'],
    labels: true,
    rulesets: true,
    files: ['README.md'],
  };
  const { repositories } = await readRepositoryPage(github, 'acme', needs, null, 50);
  await readRepositories(github, 'acme', needs, repositories);
  await readOrganization(github, 'acme', {
    settings: ['description'],
    rulesets: true,
    teams: ['ops', 'missing'],
    members: ['ops'],
    absent: ['ops'],
    logins: ['ada', 'nobody'],
    repositories: ['api', 'missing'],
  });
}

it.each([true, false])('every read is as the document says (GraphQL: %s)', async (graphql) => {
  const at = await place({ graphql });
  await readEverything(at.context.github);
  expect(complaints(at)).toEqual([]);
});

it.each(CHANGES)('%s, done and undone, is as the document says', async (name, change) => {
  const at = await place({ graphql: /pattern|to come/.test(name) });
  const operation = operations[change.kind];
  const target = targetOf(at, change.kind);
  const before = await operation.read(at.context, target, change);
  await operation.write(at.context, target, change, before, change.after);
  await operation.write(at.context, target, change, await operation.read(at.context, target, change), before);
  expect(at.w.github.journal.effects().length).toBeGreaterThan(0);
  expect(complaints(at)).toEqual([]);
});

it.each(['security', 'p1, now'])(
  'what carries a label %s is asked for as the document says',
  async (name) => {
    const at = await place();
    at.w.github.faults.add({
      match: { path: '/repos/acme/api/issues' },
      kind: 'status',
      status: 410,
      times: 1,
    });
    const change = changeOf('label', name, null, { name, color: 'ffffff', description: null });
    // Once of pull requests alone, and once of issues.
    for (const none of [[], []])
      expect(await operations.label.others?.(at.context, at.repository, change)).toEqual(none);
    expect(complaints(at)).toEqual([]);
  },
);

it('finds what is wrong with a request', () => {
  const request = { method: 'PATCH', path: '/repos/acme/api', body: { has_wiki: 'yes', no_such_field: 1 } };
  expect(checker.complaints(request)).toHaveLength(2);
});
