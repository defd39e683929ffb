import type { GitHubClient } from '../../src/github/client.js';
import { GitHubError } from '../../src/github/errors.js';

export interface FakeLists {
  /** Names in the order in which the organisation's list comes. */
  repositories: string[];
  /** By slug: names with access, in the order in which the team's list comes; names outside the organisation are holes. */
  teams: Record<string, string[]>;
}

/** A client that serves an organisation's and its teams' repository lists in any order, and counts its queries. */
export function fakeLists({ repositories, teams }: FakeLists): { client: GitHubClient; queries(): number } {
  let queries = 0;
  const permissions = ['READ', 'TRIAGE', 'WRITE', 'MAINTAIN', 'ADMIN'];
  const client: GitHubClient = {
    hasGraphql: true,
    mutate: async () => undefined,
    rest: () => Promise.reject(new GitHubError('no REST here', { kind: 'refused', status: 404 })),
    list: () => Promise.reject(new GitHubError('no REST here', { kind: 'refused', status: 404 })),
    graphql: async (query, variables = {}) => {
      queries += 1;
      const organization: Record<string, unknown> = {};
      if (query.includes('$first')) {
        const after = typeof variables['after'] === 'string' ? variables['after'] : null;
        const { names, ...rest } = window(repositories, Number(variables['first']), after);
        organization['repositories'] = {
          ...rest,
          nodes: names.map((name, index) => ({
            id: `id-${name}`,
            databaseId: index + 1,
            name,
            visibility: 'PRIVATE',
          })),
        };
      }
      const pattern =
        /(team\d+): team\(slug: "([^"]+)"\) \{ id databaseId\s*repositories\(first: (\d+)(?:, after: "([^"]+)")?/g;
      for (const [, alias = '', slug = '', first, after] of query.matchAll(pattern)) {
        const list = teams[slug];
        if (list === undefined) {
          organization[alias] = null;
          continue;
        }
        const { names, ...rest } = window(list, Number(first), after ?? null);
        const edges = names.map((name) => ({
          cursor: `c${name}`,
          permission: permissionAt(permissions, slug, name),
          node: { id: `id-${name}`, name },
        }));
        organization[alias] = { repositories: { ...rest, edges } };
      }
      return { data: { organization }, errors: [], requestId: null };
    },
  };
  return { client, queries: () => queries };
}

/** What {@link fakeLists} gives a team in a repository, by GitHub's REST names. */
export function expectedPermission(slug: string, name: string): string {
  return permissionAt(['pull', 'triage', 'push', 'maintain', 'admin'], slug, name);
}

function permissionAt(names: string[], slug: string, name: string): string {
  return names[(slug.length + name.length) % names.length] ?? '';
}

function window(list: string[], first: number, after: string | null) {
  const start = after === null ? 0 : list.indexOf(after.slice(1)) + 1;
  const names = list.slice(start, start + first);
  const pageInfo = {
    hasNextPage: start + first < list.length,
    endCursor: names.length > 0 ? `c${names.at(-1)}` : null,
  };
  return { names, pageInfo, totalCount: list.length };
}
