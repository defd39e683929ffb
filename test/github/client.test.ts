import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/dev/github/index.js';
import { withCallContext } from '../../src/github/call-context.js';
import { countRequests } from '../../src/github/request-count.js';
import { failureOfCall, OPEN, openGate, TOKEN, type World, world } from './support.js';

const seed = [{ login: 'acme', repositories: [{ name: 'api' }, { name: 'web' }] }];
const at = { owner: 'acme', repo: 'api' };
const patch = (w: World, options = {}): Promise<unknown> =>
  w.client(options).rest('PATCH /repos/{owner}/{repo}', { ...at, has_wiki: false });

describe('what comes of a call, by fault', () => {
  const faults: [string, Omit<FaultRule, 'match'>, object][] = [
    ['500', { kind: 'status', status: 500 }, { kind: 'unknown', status: 500 }],
    [
      '502 after the change',
      { kind: 'status', status: 502, when: 'after' },
      { kind: 'unknown', status: 502 },
    ],
    ['reset before', { kind: 'reset' }, { kind: 'unknown', status: null }],
    ['reset after the change', { kind: 'reset', when: 'after' }, { kind: 'unknown', status: null }],
    ['no answer in time', { kind: 'hang', ms: 5_000 }, { kind: 'unknown', status: null }],
    ['an answer that is late', { kind: 'delay', ms: 5_000 }, { kind: 'unknown', status: null }],
    ['truncated JSON', { kind: 'malformed' }, { kind: 'unknown', status: null }],
    ['applied later', { kind: 'apply-later', ms: 10 }, { kind: 'unknown', status: 502 }],
    [
      '422',
      { kind: 'status', status: 422, body: { message: 'Validation Failed' } },
      { kind: 'refused', status: 422 },
    ],
    [
      '401',
      { kind: 'status', status: 401, body: { message: 'Bad credentials' } },
      { kind: 'unauthenticated', status: 401 },
    ],
    [
      '429',
      { kind: 'status', status: 429, headers: { 'retry-after': '3' } },
      { kind: 'limited', status: 429 },
    ],
    [
      '403 with the words of a secondary limit',
      { kind: 'status', status: 403, body: { message: 'You have exceeded a secondary rate limit' } },
      { kind: 'limited', status: 403 },
    ],
  ];
  it.each(faults)('%s: REST', async (_, fault, failure) => {
    const w = await world(seed);
    w.github.faults.add({ ...fault, match: { method: 'PATCH' } });
    const error = await failureOfCall(patch(w, { timeoutMs: 4_000 }));
    expect(error.failure).toMatchObject(failure);
    expect(error.message).toContain('PATCH /repos/acme/api');
    expect(error.message).not.toContain(TOKEN);
    expect(w.github.journal.requests().filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it.each(faults.filter(([name]) => !/422|applied later/.test(name)))(
    '%s: GraphQL',
    async (_, fault, failure) => {
      const w = await world(seed);
      w.github.faults.add({ ...fault, match: { path: '/graphql' } });
      const client = w.client({ timeoutMs: 4_000 });
      expect((await failureOfCall(client.graphql('query { viewer { login } }'))).failure).toMatchObject(
        failure,
      );
    },
  );

  it('is unknown where nobody answers at all', async () => {
    const w = await world(seed);
    await w.github.close();
    expect((await failureOfCall(patch(w))).failure).toEqual({ kind: 'unknown', status: null });
  });
});

describe('GraphQL answers', () => {
  it('gives partial data with the errors beside it', async () => {
    const { client } = await world(seed);
    const query = '{ a: user(login: "octo-admin") { login } b: user(login: "nobody-here") { login } }';
    const answer = await client().graphql(query);
    expect(answer.data).toEqual({ a: { login: 'octo-admin' }, b: null });
    expect(answer.errors).toMatchObject([{ type: 'NOT_FOUND', path: ['b'] }]);
    expect(answer.requestId).toMatch(/./);
  });

  it('fails where the request is refused as a whole', async () => {
    const { client } = await world(seed);
    const error = await failureOfCall(client().graphql('{ nonsense }'));
    expect(error.failure).toEqual({ kind: 'refused', status: 422 });
  });

  it('knows a limit that comes with status 200', async () => {
    const w = await world(seed);
    const body = { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded for user ID 1.' }] };
    w.github.faults.add({ match: { path: '/graphql' }, kind: 'status', status: 200, body });
    const error = await failureOfCall(w.client().graphql('{ viewer { login } }'));
    expect(error.failure).toMatchObject({ kind: 'limited' });
  });
});

describe('limits', () => {
  it('sends nothing more into a window that an answer closed', async () => {
    const w = await world(seed, { limits: { rest_per_hour: 3 } });
    for (let count = 0; count < 3; count += 1) await w.client().rest('GET /repos/{owner}/{repo}', at);
    const error = await failureOfCall(patch(w));
    expect(error.failure).toMatchObject({ kind: 'unavailable' });
    expect(w.github.journal.requests()).toHaveLength(3);
    await expect(w.client().graphql('{ viewer { login } }')).resolves.toMatchObject({ errors: [] });
  });

  it('waits for a secondary limit without a request in the closed window, however many ask', async () => {
    const w = await world(seed);
    w.github.faults.add({
      match: { method: 'PATCH' },
      kind: 'status',
      status: 403,
      headers: { 'retry-after': '1' },
      body: { message: 'You have exceeded a secondary rate limit.' },
      times: 1,
    });
    expect((await failureOfCall(patch(w))).failure).toMatchObject({ kind: 'limited' });
    await Promise.all(Array.from({ length: 5 }, () => patch(w)));
    const requests = w.github.journal.requests();
    expect(requests).toHaveLength(6);
    expect(requests.filter((request) => request.in_closed_window)).toEqual([]);
  });

  it('drops unsent what waits when it is cancelled', async () => {
    const gate = openGate({ lanes: { ...OPEN, concurrent: 1 } });
    const w = await world(seed, { gate });
    await gate.acquire({ lane: 'read', resource: 'core' }, { maxWaitMs: 0 });
    const call = withCallContext({ signal: AbortSignal.timeout(20), maxWaitMs: 60_000 }, () => patch(w));
    expect((await failureOfCall(call)).failure).toMatchObject({ kind: 'unavailable' });
    expect(w.github.journal.requests()).toEqual([]);
  });

  it('opens the breaker after failures of GitHub, and a 4xx is none', async () => {
    const gate = openGate({ breaker: { failure_threshold: 2, timeout: 60_000, success_threshold: 1 } });
    const w = await world(seed, { gate });
    w.github.faults.add({ match: { method: 'PATCH' }, kind: 'status', status: 422, times: 5 });
    for (let count = 0; count < 5; count += 1) await failureOfCall(patch(w));
    expect(gate.snapshot().breakers.write.state).toBe('closed');
    w.github.faults.add({ match: { method: 'PATCH' }, kind: 'reset' });
    for (let count = 0; count < 4; count += 1) await failureOfCall(patch(w));
    expect(gate.snapshot().breakers.write.state).toBe('open');
    expect(w.github.journal.requests().filter(({ method }) => method === 'PATCH')).toHaveLength(7);
  });
});

describe('requests', () => {
  it('are counted by kind, also where they fail, and in nested counts too', async () => {
    const w = await world(seed);
    const client = w.client();
    const outer = await countRequests(async () => {
      await client.rest('GET /repos/{owner}/{repo}', at);
      const inner = await countRequests(async () => {
        await client.graphql('{ viewer { login } }');
        await client.rest('PATCH /repos/{owner}/{repo}', { owner: 'acme', repo: 'nothing', has_wiki: true });
      });
      expect(inner.outcome).toMatchObject({
        ok: false,
        error: { failure: { kind: 'refused', status: 404 } },
      });
      expect(inner.count).toEqual({ rest: 1, graphql: 1, mutating: 1 });
    });
    expect(outer.count).toEqual({ rest: 2, graphql: 1, mutating: 1 });
  });

  it('go to both roots of GitHub', async () => {
    const w = await world(seed);
    const client = w.client({ baseUrl: `${w.github.url}/api/v3` });
    await client.rest('GET /repos/{owner}/{repo}', at);
    await client.graphql('{ viewer { login } }');
    expect(w.github.journal.requests().map(({ status }) => status)).toEqual([200, 200]);
  });

  it('follow a list to its end', async () => {
    const repositories = Array.from({ length: 7 }, (_, index) => ({ name: `r${index}` }));
    const { client } = await world([{ login: 'acme', repositories }]);
    const { outcome, count } = await countRequests(() =>
      client().list('GET /orgs/{org}/repos', { org: 'acme', per_page: 3 }),
    );
    expect(outcome).toMatchObject({ ok: true, value: { length: 7 } });
    expect(count.rest).toBe(3);
  });

  it('never reach a repository under its old name', async () => {
    const w = await world(seed);
    await w.client().rest('PATCH /repos/{owner}/{repo}', { ...at, name: 'renamed' });
    const effects = w.github.journal.effects().length;
    const write = await failureOfCall(patch(w));
    expect(write.failure).toMatchObject({ kind: 'refused' });
    expect(write.message).toContain('moved');
    expect((await failureOfCall(w.client().rest('GET /repos/{owner}/{repo}', at))).failure).toMatchObject({
      kind: 'refused',
    });
    expect(await w.client().list('GET /repos/{owner}/{repo}/labels', at)).toHaveLength(9);
    expect(w.github.journal.effects()).toHaveLength(effects);
  });
});

describe('the token', () => {
  const servers: { close(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('is not sent to another host that a list links to', async () => {
    const seen: (string | undefined)[] = [];
    const listen = async (link: () => string): Promise<string> => {
      const server = createServer((request, response) => {
        seen.push(request.headers.host);
        response.setHeader('content-type', 'application/json');
        response.setHeader('link', `<${link()}>; rel="next"`);
        response.end('[]');
      });
      servers.push(server);
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      const address = server.address();
      return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    };
    const other = await listen(() => '');
    const first = await listen(() => `${other}/orgs/acme/repos?page=2`);
    const { client } = await world();
    const call = client({ baseUrl: first }).list('GET /orgs/{org}/repos', { org: 'acme' });
    expect((await failureOfCall(call)).message).toContain('another host');
    expect(seen).toEqual([first.slice('http://'.length)]);
  });
});
