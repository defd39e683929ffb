import { type Client, QueryNotRegisteredError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { asOfNow } from '../../src/api/ended-run.js';
import { apiFailure, isUnused, namespaceFailure } from '../../src/api/failures.js';
import { lookAt } from '../../src/api/status.js';
import { type Config, loadConfig } from '../../src/config.js';
import type { RunStatus } from '../../src/workflows/contract.js';
import { ASK_AGAIN } from '../../src/workflows/query-guard.js';
import { letter, RUN, status, totals } from './support/fakes.js';
import { clientWith } from './support/server.js';

const withDeadline = <T>(_end: number, work: () => Promise<T>): Promise<T> => work();

const config: Config = loadConfig({ HOME: '/home/ada', TEMPORAL_NAMESPACE: 'nope' }, '/');

const parkedAt = (workflowId: string) => ({
  item: workflowId.slice(RUN.length + 1),
  workflowId,
  step: 'settings',
  reason: 'no',
  since: '',
  left: [],
});

describe('the result of a run that has ended', () => {
  it('leaves out what was retried or discarded since, and counts repositories that are committed', async () => {
    const team = letter('acme/teams/core', { workflowId: `${RUN}/acme:teams/core` });
    const letters = [...['a', 'b', 'c', 'd', 'e'].map((name) => letter(`acme/${name}`)), team];
    const client = clientWith({
      [`${RUN}/acme/a`]: { letter: letter('acme/a') },
      [`${RUN}/acme/b`]: { outcome: 'committed' },
      [`${RUN}/acme/c`]: { outcome: 'inSync' },
      [`${RUN}/acme/d`]: { outcome: 'discarded' },
      // acme/e: the server keeps it no longer.
      [`${RUN}/acme:teams/core`]: { outcome: 'committed' },
    });
    const before = status({ totals: totals({ committed: 2, deadLettered: 5 }), deadLetters: letters });
    const now = await asOfNow(client, before, []);
    expect(now.deadLetters.map(({ item }) => item)).toEqual(['acme/a', 'acme/e']);
    expect(now.totals).toEqual(totals({ committed: 4, deadLettered: 3 }));
  });

  it('has what waits for a person now, and what became of what was parked, each in one place of the totals', async () => {
    const [waits, undone, dead, busy, again] = ['a', 'b:undo', 'c', 'd', 'e'].map((name) =>
      parkedAt(`${RUN}/acme/${name}`),
    );
    if (!waits || !undone || !dead || !busy || !again) throw new Error('there are five');
    const client = clientWith({
      [undone.workflowId]: { outcome: 'rolledBack' },
      [dead.workflowId]: { letter: letter('acme/c') },
      [busy.workflowId]: 'running',
    });
    const before = status({
      totals: totals({ committed: 2, parked: 4, deadLettered: 1 }),
      deadLetters: [letter('acme/e', { workflowId: again.workflowId })],
      parked: [waits, undone, dead, busy],
    });
    const now = await asOfNow(client, before, [waits, again]);
    expect(now.parked).toEqual([waits, again]);
    expect(now.deadLetters.map(({ item }) => item)).toEqual(['acme/c']);
    expect(now.totals).toEqual(totals({ committed: 2, parked: 3, deadLettered: 1, rolledBack: 1 }));
  });
});

it('the result of a run that has ended tells of what its items have had to leave since, and no more of what was mended', async () => {
  const left = { step: 'settings', field: 'has_wiki', before: true, wrote: false, found: false };
  const [skipped, mended] = ['a:undo', 'b'].map((name) => parkedAt(`${RUN}/acme/${name}`));
  if (!skipped || !mended) throw new Error('there are two');
  const client = clientWith({
    [skipped.workflowId]: { outcome: 'rolledBack', conflicts: [left] },
    [mended.workflowId]: { outcome: 'committed' },
  });
  const said = ['acme/b', 'acme/c'].map((item) => ({ ...left, item }));
  const parked = [{ ...skipped, item: 'acme/a' }, mended];
  const before = status({ totals: totals({ parked: 2 }), parked, conflicts: said });
  expect((await asOfNow(client, before, [])).conflicts).toEqual([
    { ...left, item: 'acme/c' },
    { ...left, item: 'acme/a' },
  ]);
});

async function* listsNothing() {}

/** A server on which the run was terminated and nothing waits; `query` is how the run answers. */
function clientOfTerminated(query: () => Promise<RunStatus>): Client {
  const described = {
    workflowId: RUN,
    type: 'apply',
    status: { name: 'TERMINATED' },
    startTime: new Date(0),
    closeTime: new Date(60_000),
    typedSearchAttributes: new Map(),
  };
  const getHandle = () => ({ describe: async () => described, query });
  return { workflow: { getHandle, list: listsNothing }, withDeadline } as unknown as Client;
}

const told = async (query: () => Promise<RunStatus>): Promise<RunStatus> => {
  const look = await lookAt(clientOfTerminated(query), RUN);
  if (!('nothing' in look)) throw new Error('nothing waits');
  expect(look.nothing).toMatchObject({ problem: 'wrong_state' });
  expect(look.nothing.message).toContain(`orgsaga rollback ${RUN}`);
  return look.told();
};

const refuses = async (): Promise<never> => {
  throw new QueryNotRegisteredError(ASK_AGAIN, 3);
};

describe('a run that was ended from outside, of which nothing waits', () => {
  const ended = {
    run: RUN,
    state: 'Cancelled',
    phase: 'ended from outside (terminated)',
    reason: expect.stringContaining(`orgsaga rollback ${RUN}`),
  };

  it('is over for who waits for it, and is told as far as it had come', async () => {
    const running = status({ state: 'Running', pages: [`${RUN}/acme:page-1`] });
    expect(await told(async () => running)).toEqual({ ...running, ...ended, pages: [] });
  });

  it('is told as the server knows it where it answers no query any more', async () => {
    expect(await told(refuses)).toMatchObject({
      ...ended,
      durationMs: 60_000,
      notes: [expect.stringContaining('figures are not known')],
    });
  });
});

const grpc = (details: string, code = 5) =>
  Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });

describe('a namespace that is not there', () => {
  const said = `There is no namespace nope at ${config.temporal.address}: check TEMPORAL_NAMESPACE.`;

  it.each([
    ['the client', new NamespaceNotFoundError('nope')] as const,
    ['the server', grpc('Namespace nope is not found.')] as const,
  ])('is named, told by %s', (_who, error) => {
    expect(apiFailure(error, config)).toMatchObject({ problem: 'not_found', message: said });
  });

  it('is no other thing that is not found', () => {
    expect(namespaceFailure(grpc('workflow not found for ID: x'), config)).toBeNull();
    expect(namespaceFailure(new Error('namespace not found'), config)).toBeNull();
  });
});

describe('what the server refuses for a reason of its own', () => {
  it('is told in its words', () => {
    const said = 'Namespace nope has no mapping defined for search attribute OrgsagaKind';
    expect(apiFailure(grpc(said, 3), config)).toMatchObject({
      problem: 'invalid',
      message: expect.stringMatching(/^The server at \S+, namespace nope refused it: .*OrgsagaKind$/),
    });
  });
});

describe('a namespace in which nothing of orgsaga was ever started', () => {
  it('is told by what its server says of the search attributes', () => {
    expect(
      isUnused(grpc('Namespace default has no mapping defined for search attribute OrgsagaKind', 3)),
    ).toBe(true);
    expect(isUnused(grpc('invalid query', 3))).toBe(false);
    expect(isUnused(grpc('search attribute', 5))).toBe(false);
  });
});
