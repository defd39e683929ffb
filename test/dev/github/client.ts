import type { SimulatedGitHub } from '../../../src/dev/github/index.js';

export interface Answer {
  status: number;
  headers: Headers;
  /** What the server sent; null: nothing. */
  body: unknown;
}

/** What is found in a value along a path of keys, or undefined. */
export function dig(value: unknown, ...keys: (string | number)[]): unknown {
  let found = value;
  for (const key of keys) found = (found as Record<string | number, unknown> | null | undefined)?.[key];
  return found;
}

/** A bare client; `token` null sends none. Redirects are not followed. */
export function clientOf(
  github: Pick<SimulatedGitHub, 'url'>,
  token: string | null = 'secret',
  agent = 'test',
) {
  const call = async (
    line: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const [method = 'GET', path = '/'] = line.split(' ');
    const response = await fetch(github.url + path, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': agent,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    };
  };
  const graphql = (query: string, variables: Record<string, unknown> = {}): Promise<Answer> =>
    call('POST /graphql', { query, variables });
  return { call, graphql };
}
