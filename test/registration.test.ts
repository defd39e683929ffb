import { type Client, ServiceError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { ensureSearchAttributes } from '../src/registration.js';
import { SEARCH_ATTRIBUTES } from '../src/workflows/search-attributes.js';

const NAMES = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);

/** A server on which they are `listed`, and that takes none of them the first `unusable` times. */
function server({ listed, unusable }: { listed: boolean; unusable: number }) {
  const calls: string[] = [];
  let known = listed;
  const client = {
    options: { namespace: 'default' },
    connection: {
      operatorService: {
        listSearchAttributes: async () => ({
          customAttributes: known ? Object.fromEntries(NAMES.map((name) => [name, 2])) : {},
        }),
        addSearchAttributes: async ({ searchAttributes }: { searchAttributes: object }) => {
          calls.push(`add ${Object.keys(searchAttributes).length}`);
          known = true;
        },
      },
    },
    workflow: {
      count: async (query: string) => {
        calls.push('count');
        expect(NAMES.every((name) => query.includes(name))).toBe(true);
        if (unusable-- > 0) throw notMapped();
        return { count: 0, groups: [] };
      },
    },
  } as unknown as Client;
  return { client, calls };
}

function notMapped(): ServiceError {
  const details = `Namespace default has no mapping defined for search attribute ${NAMES[0]}`;
  const cause = Object.assign(new Error(details), { code: 3, details, metadata: {} });
  return new ServiceError('Failed to count workflows', { cause });
}

it('search attributes are registered, and waited for until the server takes them', async () => {
  const { client, calls } = server({ listed: false, unusable: 2 });
  await ensureSearchAttributes(client);
  expect(calls).toEqual(['count', `add ${NAMES.length}`, 'count', 'count']);
});

it('search attributes that somebody else has just registered are waited for, too', async () => {
  const { client, calls } = server({ listed: true, unusable: 1 });
  await ensureSearchAttributes(client);
  expect(calls).toEqual(['count', 'count']);
});
