import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { LetterSelection, RetryOutcome } from '../../src/api.js';
import { ApiError } from '../../src/errors.js';
import { fakeDeps, letter, orgsaga, RUN, start, status } from './support/fakes.js';

const oneLineJson = (stdout: string): unknown => {
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout);
};

describe('runs', () => {
  const row = {
    run: RUN,
    kind: 'apply',
    organizations: ['acme'],
    state: 'Committed' as const,
    startedAt: '2025-01-01T00:00:00.000Z',
    closedAt: null,
  };

  it('lists rows, and passes the filter on', async () => {
    const asked: unknown[] = [];
    const deps = fakeDeps({
      client: {
        runs: async (filter) => {
          asked.push(filter);
          return [row];
        },
      },
    });
    expect((await orgsaga(['runs', '--org', 'acme', '--limit', '5'], deps)).stdout).toMatch(
      /RUN +STATE[\s\S]*apply-acme-1 +Committed/,
    );
    expect(oneLineJson((await orgsaga(['runs', '--json'], deps)).stdout)).toEqual([row]);
    expect(asked).toEqual([{ organization: 'acme', limit: 5 }, { limit: 30 }]);
  });

  it('is [] when there are none', async () => {
    const deps = fakeDeps({ client: { runs: async () => [] } });
    expect(await orgsaga(['runs', '--json'], deps)).toMatchObject({ code: 0, stdout: '[]\n' });
    expect(await orgsaga(['runs'], deps)).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('no runs yet'),
    });
  });
});

describe('status', () => {
  const waiting = status({
    state: 'AwaitingOperator',
    deadLetters: [letter('acme/a', { reason: 'no\u001b[31m way\nat all' })],
  });
  const deps = fakeDeps({ client: { status: async () => waiting } });

  it('--json is the whole status, and exits 0 whatever the state', async () => {
    const { code, stdout } = await orgsaga(['status', RUN, '--json'], deps);
    expect([code, oneLineJson(stdout)]).toEqual([0, waiting]);
  });

  it('shows the tree, safe for a terminal', async () => {
    const { stdout } = await orgsaga(['status', RUN], deps, { interactive: true });
    expect(stdout).toContain('dead letters (1)');
    expect(stdout).toContain('acme/a  protection/main: no [31m way at all');
  });

  it('says that there is no such run', async () => {
    const client = {
      status: async (): Promise<never> => {
        throw new ApiError('There is no run x.', 'not_found');
      },
    };
    expect(await orgsaga(['status', 'x', '--json'], fakeDeps({ client }))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: There is no run x.\n',
    });
  });
});

const waiting = {
  item: 'acme/a',
  workflowId: `${RUN}/acme/a`,
  step: 'settings',
  reason: 'GitHub said no',
  since: '2025-01-01T00:00:00.000Z',
  left: [],
};

/** A retry of one dead letter that went well, unless said otherwise. */
const ended = (more: Partial<RetryOutcome>): RetryOutcome => ({
  accepted: ['acme/a'],
  refused: [],
  open: [],
  succeeded: ['acme/a'],
  failed: [],
  parked: [],
  ...more,
});

/** The same with another one refused. */
const refusing = (item: string): RetryOutcome => {
  const refused = [{ item, reason: 'run rolled back' }];
  return ended({ refused, open: refused });
};

describe('dead-letters', () => {
  const letters = [letter('acme/a'), letter('acme/b', { run: 'apply-acme-2' }), letter('acme/B')];
  const listing = fakeDeps({
    client: {
      deadLetters: async ({ run }) => letters.filter((each) => run === undefined || each.run === run),
    },
  });

  it('list --json is an array, [] when there are none', async () => {
    expect(oneLineJson((await orgsaga(['dead-letters', 'list', '--json'], listing)).stdout)).toEqual(letters);
    expect((await orgsaga(['dlq', 'list', '--run', 'other', '--json'], listing)).stdout).toBe('[]\n');
    expect((await orgsaga(['dlq', 'list'], listing)).stdout).toMatch(
      /ITEM[\s\S]*acme\/a +protection\/main +GitHub said no +3/,
    );
  });

  it('show finds one whatever the case, and asks for the run where several wait', async () => {
    const one = await orgsaga(['dlq', 'show', 'ACME/a', '--json'], listing);
    expect([one.code, oneLineJson(one.stdout)]).toEqual([0, letters[0]]);
    expect((await orgsaga(['dlq', 'show', 'acme/a'], listing)).stdout).toContain(
      'reason        GitHub said no',
    );
    const several = await orgsaga(['dlq', 'show', 'acme/b'], listing);
    expect([several.code, several.stderr]).toEqual([
      2,
      expect.stringContaining('apply-acme-2, apply-acme-1'),
    ]);
    expect(await orgsaga(['dlq', 'show', 'acme/z'], listing)).toMatchObject({ code: 1, stdout: '' });
  });

  it.each([
    ['items', ['acme/a', 'acme/a', 'acme/b'], { items: ['acme/a', 'acme/b'] }],
    ['all', ['--all'], { items: [] }],
    ['those of a run', ['--run', RUN], { run: RUN, items: [] }],
    ['items of a run', ['--run', RUN, 'acme/a'], { run: RUN, items: ['acme/a'] }],
  ])('retry takes %s, and never asks', async (_name, args, selection) => {
    let got: LetterSelection | null = null;
    const client = {
      retry: async (selected: LetterSelection) => {
        got = selected;
        return ended({});
      },
    };
    const { code, stdout } = await orgsaga(['dlq', 'retry', ...args], fakeDeps({ client }));
    expect([code, stdout, got]).toEqual([0, 'committed  acme/a\n', selection]);
  });

  it.each([
    ['one failed again', ended({ succeeded: [], failed: [letter('acme/a')] }), 5],
    ['one waits for a person', ended({ succeeded: [], parked: [waiting] }), 5],
    ['one was refused', refusing('acme/b'), 5],
    ['another one of the same name was refused', refusing('acme/a'), 5],
    ['one is not settled, the server being lost', ended({ accepted: ['acme/a', 'acme/b'] }), 8],
    ['there was nothing', ended({ accepted: [], succeeded: [] }), 0],
    [
      'one was committed by another run meanwhile',
      ended({ refused: [{ item: 'acme/a', reason: 'no dead letter' }] }),
      0,
    ],
  ])('retry where %s', async (_name, outcome, code) => {
    const deps = fakeDeps({ client: { retry: async () => outcome } });
    const ran = await orgsaga(['dlq', 'retry', '--all', '--json'], deps);
    const { open: _open, ...said } = outcome;
    expect([ran.code, oneLineJson(ran.stdout)]).toEqual([code, said]);
  });

  it('discard needs --yes without a terminal', async () => {
    const args = ['dlq', 'discard', 'acme/a', '--reason', 'gone'];
    expect(await orgsaga(args, fakeDeps({}))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    const asked: unknown[] = [];
    const client = {
      discard: async (selection: LetterSelection, reason: string) => {
        asked.push(selection, reason);
        return { accepted: ['acme/a'], refused: [] };
      },
    };
    const { code, stdout } = await orgsaga([...args, '--yes', '--json'], fakeDeps({ client }));
    expect([code, oneLineJson(stdout)]).toEqual([0, { accepted: ['acme/a'], refused: [] }]);
    expect(asked).toEqual([{ items: ['acme/a'] }, 'gone']);
    const typed = await orgsaga(args, fakeDeps({ client }), { interactive: true, input: 'yes\n' });
    expect([typed.code, typed.stderr]).toEqual([0, expect.stringContaining('Discard acme/a? [y/N]')]);
  });
});

describe('worker', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'runs until %s, then finishes what is under way',
    async (signal) => {
      const calls: string[] = [];
      const ending = new AbortController();
      const finished = once(ending.signal, 'abort').then(() => undefined);
      const worker = {
        finished,
        shutdown: async () => {
          calls.push('shutdown');
          ending.abort();
        },
      };
      const running = start(['worker', '--json'], fakeDeps({ runWorker: async () => worker }));
      await expect.poll(() => running.written.stdout).not.toBe('');
      expect(JSON.parse(running.written.stdout)).toEqual({
        ready: true,
        taskQueue: 'orgsaga',
        temporal: '127.0.0.1:7233',
      });
      running.signals.emit(signal);
      expect((await running.ended).code).toBe(0);
      expect(calls).toEqual(['shutdown']);
    },
  );
});

describe('dev', () => {
  it('prints one ready line, stays until Ctrl-C, and ends what it started', async () => {
    let stopped = 0;
    const stack = {
      temporal: '127.0.0.1:7233',
      ui: 'http://127.0.0.1:8233',
      github: 'http://127.0.0.1:9233',
      simulated: null,
      variables: { TEMPORAL_ADDRESS: '127.0.0.1:7233' },
      stop: async () => {
        stopped += 1;
      },
    };
    const asked: unknown[] = [];
    const startStack = async ({ port, uiPort, githubPort, repos, worker }: Record<string, unknown>) => {
      asked.push({ port, uiPort, githubPort, repos, worker });
      return stack;
    };
    const args = ['dev', '--json', '--port', '0', '--repos', '5', '--no-worker'];
    const running = start(args, fakeDeps({ startStack: startStack as never }));
    await expect.poll(() => running.written.stdout).not.toBe('');
    const { temporal, ui, github } = stack;
    expect(oneLineJson(running.written.stdout)).toEqual({
      ready: true,
      temporal,
      ui,
      github,
      variables: stack.variables,
    });
    expect(running.written.stderr).toContain('export TEMPORAL_ADDRESS=127.0.0.1:7233');
    expect([asked, stopped]).toEqual([
      [{ port: 0, uiPort: 8233, githubPort: 9233, repos: 5, worker: false }],
      0,
    ]);
    running.interrupt();
    expect([(await running.ended).code, stopped]).toEqual([0, 1]);
  });
});
