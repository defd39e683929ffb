import { stat } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GraphQlAnswer } from '../../src/github/client.js';
import { Coalescer, type Gathered } from '../../src/github/coalescer.js';
import { unavailable } from '../../src/github/errors.js';
import type { GateReport, Pass } from '../../src/github/gate-contract.js';
import type { Fault } from '../../src/github/http-answer.js';
import type { Mutation } from '../../src/github/mutation.js';
import { QUIET_MS } from '../../src/policies/coalescing.js';

const MAX_WAIT_MS = 500;
const SIZE = 4;

/** A coalescer whose turns and answers the test gives. */
function gathering(
  answer: (mutations: readonly Mutation[]) => Fault | GraphQlAnswer = allDone,
  admitted: 'by the test' | 'at once' = 'by the test',
) {
  const turns: { admit(): void; refuse(): void }[] = [];
  const sent: string[][] = [];
  const settled: GateReport[] = [];
  const pass: Pass = { settle: (report) => void settled.push(report) };
  const coalescer = new Coalescer(
    {
      acquire: () =>
        new Promise((resolve, reject) => {
          if (admitted === 'at once') return resolve(pass);
          turns.push({
            admit: () => resolve(pass),
            refuse: () => reject(unavailable(Date.now() + 9_000, 'the lane is closed')),
          });
        }),
      send: async (_pass, mutations) => {
        sent.push(mutations.map(({ what }) => what));
        return answer(mutations);
      },
    },
    { coalesce_max: SIZE, coalesce_max_wait: MAX_WAIT_MS },
  );
  const ask = (what: string, signal?: AbortSignal): Promise<Gathered> =>
    coalescer.mutate({ name: 'updateTopics', input: {}, selection: 'id', what }, signal);
  const admit = async (): Promise<void> => {
    turns.shift()?.admit();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { ask, admit, turns, sent, settled };
}

function allDone(mutations: readonly Mutation[]): GraphQlAnswer {
  const data = Object.fromEntries(mutations.map(({ what }, index) => [`m${index}`, { what }]));
  return { data, errors: [], requestId: 'R1' };
}

const fault = (failure: Fault['failure']): Fault => ({
  failure,
  message: 'said GitHub',
  answered: failure.kind !== 'unknown',
  requestId: null,
});

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

describe('mutations that are asked for together', () => {
  it('wait until no other comes, go in one request, and each gets its own payload', async () => {
    const { ask, admit, turns, sent } = gathering();
    const asked = ['a', 'b', 'c'].map((what) => ask(what));
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(turns).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    await admit();
    expect(sent).toEqual([['a', 'b', 'c']]);
    const told = await Promise.all(asked);
    expect(told.map(({ came }) => came)).toEqual([{ what: 'a' }, { what: 'b' }, { what: 'c' }]);
    expect(told.map(({ requests }) => requests)).toEqual([1, 0, 0]);
  });

  it('take along what came while the process was too busy to let it in', async () => {
    vi.useRealTimers();
    const { ask, sent } = gathering(allDone, 'at once');
    const first = ask('first');
    const second = new Promise((resolve) => {
      stat(import.meta.filename, () => resolve(ask('second')));
    });
    const busyUntil = performance.now() + 2 * QUIET_MS;
    while (performance.now() < busyUntil);
    await Promise.all([first, second]);
    expect(sent).toEqual([['first', 'second']]);
  });

  it('wait no longer than the first of them may, however many come', async () => {
    const { ask, turns } = gathering();
    void ask('first');
    for (let at = 0; at < MAX_WAIT_MS - 200; at += 200) await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(turns).toHaveLength(1);
  });

  it('ask for a turn at once when they fill a request, and for another for the rest', async () => {
    const { ask, admit, turns, sent } = gathering();
    for (const what of ['a', 'b', 'c', 'd', 'e']) void ask(what);
    expect(turns).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(turns).toHaveLength(2);
    await admit();
    await admit();
    expect(sent).toEqual([['a', 'b', 'c', 'd'], ['e']]);
  });

  it('join a request that still waits for its turn', async () => {
    const { ask, admit, turns, sent } = gathering();
    void ask('early');
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    void ask('late');
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(turns).toHaveLength(1);
    await admit();
    expect(sent).toEqual([['early', 'late']]);
  });

  it('are not sent for a caller that has gone, and no request is made for nobody', async () => {
    const { ask, admit, sent, settled } = gathering();
    const gone = new AbortController();
    const dropped = ask('gone', gone.signal);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    gone.abort();
    expect(await dropped).toMatchObject({ came: { failure: { kind: 'unavailable' } }, requests: 0 });
    await admit();
    expect([sent, settled]).toEqual([[], [{ health: 'dropped' }]]);
    expect(await ask('late', gone.signal)).toMatchObject({ came: { failure: { kind: 'unavailable' } } });
  });

  it('are all told when their turn does not come', async () => {
    const { ask, turns } = gathering();
    const asked = [ask('a'), ask('b')];
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    turns[0]?.refuse();
    for (const told of await Promise.all(asked))
      expect(told).toMatchObject({
        came: { failure: { kind: 'unavailable', until: Date.now() + 9_000 } },
        requests: 0,
        answered: false,
      });
  });
});

/** What callers are told by an answer, and what was sent for them. */
async function settle(
  answer: Parameters<typeof gathering>[0],
  names = ['a', 'b', 'c'],
): Promise<{ told: Gathered[]; sent: string[][] }> {
  const { ask, admit, turns, sent } = gathering(answer);
  const asked = names.map((what) => ask(what));
  await vi.advanceTimersByTimeAsync(QUIET_MS);
  while (turns.length > 0) await admit();
  return { told: await Promise.all(asked), sent };
}

describe('an answer', () => {
  it('that has an error in one part fails that one alone', async () => {
    const { told } = await settle((mutations) => ({
      ...allDone(mutations),
      data: { m0: { what: 'a' }, m1: null, m2: { what: 'c' } },
      errors: [{ type: 'NOT_FOUND', path: ['m1'], message: 'no such node' }],
    }));
    expect(told).toMatchObject([
      { came: { what: 'a' }, answered: true, requestId: 'R1' },
      { came: { failure: { kind: 'refused', status: 404 } }, answered: true },
      { came: { what: 'c' } },
    ]);
    expect(told[1]?.came).toHaveProperty(
      'message',
      'updateTopics for b: GitHub refused with 404 (no such node)',
    );
  });

  it('whose error is of a field below a payload says nothing of the write, which is done', async () => {
    const { told } = await settle((mutations) => ({
      ...allDone(mutations),
      errors: [{ type: 'FORBIDDEN', path: ['m1', 'branchProtectionRule', 'pushAllowances'], message: 'no' }],
    }));
    expect(told[1]?.came).toEqual({ what: 'b' });
    const [first] = (
      await settle((mutations) => ({
        ...allDone(mutations),
        data: { m0: null },
        errors: [{ type: 'FORBIDDEN', path: ['m0', 'branchProtectionRule'], message: 'no' }],
      }))
    ).told;
    expect(first?.came).toMatchObject({ failure: { kind: 'unknown' } });
  });

  it('that leaves a part out, or was cut short, says of that part that nobody knows', async () => {
    const { told } = await settle((mutations) => ({
      ...allDone(mutations),
      data: { m0: { what: 'a' }, m1: null },
      errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', path: ['m1'], message: 'too much' }],
    }));
    const unknown = { came: { failure: { kind: 'unknown' } } };
    expect(told).toMatchObject([{ came: { what: 'a' } }, unknown, unknown]);
  });

  it('that refuses the whole is asked for again for each alone, so that nobody fails for a neighbour', async () => {
    const { told, sent } = await settle((mutations) =>
      mutations.some(({ what }) => what === 'b')
        ? fault({ kind: 'refused', status: 403 })
        : allDone(mutations),
    );
    expect(sent).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
    expect(told).toMatchObject([
      { came: { what: 'a' }, requests: 2 },
      { came: { failure: { kind: 'refused', status: 403 } }, requests: 1 },
      { came: { what: 'c' }, requests: 1 },
    ]);
  });

  it.each([[{ kind: 'unknown', status: 502 }], [{ kind: 'limited', status: 403, until: 1 }]] as const)(
    '%o is told to all and nothing is repeated',
    async (failure) => {
      const { told, sent } = await settle(() => fault(failure));
      expect(sent).toHaveLength(1);
      for (const { came } of told) expect(came).toMatchObject({ failure });
    },
  );

  it('that did not come makes the next requests smaller, and those that come make them larger again', async () => {
    let lost = true;
    const { ask, admit, turns, sent } = gathering((mutations) =>
      lost ? fault({ kind: 'unknown', status: 504 }) : allDone(mutations),
    );
    const round = async (): Promise<number[]> => {
      const before = sent.length;
      for (const what of ['a', 'b', 'c', 'd']) void ask(what);
      for (let wait = 0; wait < 5; wait += 1) {
        await vi.advanceTimersByTimeAsync(QUIET_MS);
        while (turns.length > 0) await admit();
      }
      return sent.slice(before).map(({ length }) => length);
    };
    expect(await round()).toEqual([4]);
    lost = false;
    expect(await round()).toEqual([2, 2]);
    expect(await round()).toEqual([4]);
  });
});
