import { describe, expect, it } from 'vitest';
import type { Watched, WatchOptions } from '../../src/api.js';
import type { Client, Deps } from '../../src/cli/deps.js';
import { applyJson } from '../../src/cli/run-result.js';
import { ApiError } from '../../src/errors.js';
import type { ApplyInput, RunStatus } from '../../src/workflows/contract.js';
import { fakeDeps, letter, orgsaga, RUN, start, status, totals } from './support/fakes.js';
import { loadedStandards } from './support/standards.js';

const FILE = ['-f', 'standards.yaml'];

function deps(client: Partial<Client>, more: Partial<Deps> = {}): Deps {
  return fakeDeps({ loadStandards: async () => loadedStandards(), client, ...more });
}

/** An apply that is accepted, and comes to rest as given. */
const endsAs = (last: RunStatus): Partial<Client> => ({
  apply: async () => ({ run: RUN, existing: false }),
  watch: async (_run, options) => {
    options?.onStatus?.({ ...last, state: 'Running' });
    return { ended: 'at_rest', status: last };
  },
});

/** A watch that lasts until it is interrupted. */
const lasts = async (_run: string, options: WatchOptions = {}): Promise<Watched> => {
  options.onStatus?.(status({ state: 'Running' }));
  return new Promise((resolve) => {
    options.signal?.addEventListener('abort', () => resolve({ ended: 'aborted' }));
  });
};

describe('apply', () => {
  it('--json prints what the contract says, on one line, and progress on stderr', async () => {
    const last = status({
      state: 'AwaitingOperator',
      totals: totals({ repositories: 4, inSync: 1, committed: 2, deadLettered: 1 }),
      deadLetters: [letter('acme/api')],
    });
    const { code, stdout, stderr } = await orgsaga(['apply', ...FILE, '--yes', '--json'], deps(endsAs(last)));
    expect(code).toBe(5);
    expect(stdout).toMatch(/^[^\n]+\n$/);
    const value = JSON.parse(stdout) as Record<string, unknown>;
    expect(value).toMatchObject({
      run: RUN,
      state: 'AwaitingOperator',
      totals: {
        repositories: 4,
        inSync: 1,
        committed: 2,
        rolledBack: 0,
        deadLettered: 1,
        parked: 0,
        cancelled: 0,
        skipped: 0,
      },
      requests: { rest: 4, graphql: 2, mutating: 4 },
      durationMs: 1_234,
    });
    expect(value['deadLetters']).toEqual([
      {
        item: 'acme/api',
        run: RUN,
        step: 'protection/main',
        reason: 'GitHub said no',
        attempts: 3,
        firstFailedAt: '2025-01-01T00:00:00.000Z',
        lastFailedAt: '2025-01-01T00:00:09.000Z',
        workflowId: `${RUN}/acme/api`,
        finishedSteps: [],
      },
    ]);
    expect(stderr).toContain('Running: done (4 of 4 repositories');
    expect(stderr).toContain(`orgsaga dead-letters retry --run ${RUN} --all`);
  });

  it('prints a tree without --json', async () => {
    const { code, stdout } = await orgsaga(['apply', ...FILE, '--yes'], deps(endsAs(status())));
    expect(code).toBe(0);
    expect(stdout).toContain(`${RUN}  Committed  1.2 s`);
    expect(stdout).toContain('repositories: 3 of 3 (1 in sync, 2 committed)');
  });

  it('hands over the document, who asks, the key and the options', async () => {
    let got: ApplyInput | null = null;
    const client: Partial<Client> = {
      ...endsAs(status()),
      apply: async (input) => {
        got = input;
        return { run: RUN, existing: false };
      },
    };
    const args = [
      '--strategy',
      'parallel',
      '--concurrency',
      '7',
      '--no-graphql',
      '--allow-removals',
      '--wait',
      '--key',
      'k1',
    ];
    await orgsaga(['apply', ...FILE, '--yes', ...args], deps(client));
    const { document, hash } = loadedStandards();
    expect(got).toEqual({
      document,
      hash,
      actor: 'ada',
      key: 'k1',
      options: { strategy: 'parallel', concurrency: 7, graphql: false, allowRemovals: true, wait: true },
    });
  });

  it('is batched, by GraphQL, careful and unkeyed unless told', async () => {
    let got: ApplyInput | null = null;
    const apply: Client['apply'] = async (input) => {
      got = input;
      return { run: RUN, existing: false };
    };
    await orgsaga(['apply', ...FILE, '--yes'], deps({ ...endsAs(status()), apply }));
    expect(got).toMatchObject({
      key: null,
      options: { strategy: 'batched', concurrency: null, graphql: true, allowRemovals: false, wait: false },
    });
  });

  it('needs no GitHub token', async () => {
    expect((await orgsaga(['apply', ...FILE, '--yes'], deps(endsAs(status())))).code).toBe(0);
  });

  it('without a terminal and without --yes: exit 2 that says so, and nothing is connected to', async () => {
    const { code, stdout, stderr } = await orgsaga(
      ['apply', ...FILE],
      fakeDeps({ loadStandards: async () => loadedStandards() }),
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--yes');
  });

  it('asks on a terminal, naming the file, the organisation and the number of rules', async () => {
    const asked = deps(endsAs(status()));
    const yes = await orgsaga(['apply', ...FILE], asked, { interactive: true, input: 'y\n' });
    expect(yes.stderr).toContain('Apply standards.yaml (1 repository rule) to acme? [y/N]');
    expect(yes.code).toBe(0);
    const no = await orgsaga(['apply', ...FILE], deps({}), {
      interactive: true,
      input: '\n',
    });
    expect(no.code).toBe(1);
    expect(no.stderr).toContain('Nothing was done.');
  });

  it('--detach exits 0 once accepted, with the run', async () => {
    const client: Partial<Client> = { apply: async () => ({ run: RUN, existing: true }) };
    const json = await orgsaga(['apply', ...FILE, '--yes', '--detach', '--json'], deps(client));
    expect([json.code, JSON.parse(json.stdout)]).toEqual([0, { run: RUN, existing: true }]);
    const text = await orgsaga(['apply', ...FILE, '--yes', '--detach'], deps(client));
    expect(text.stdout).toBe(`${RUN}\n`);
    expect(text.stderr).toContain(`orgsaga watch ${RUN}`);
  });

  it('a refused run names the reason and has the exit code of the refusal', async () => {
    const refused = status({
      state: 'Refused',
      refusal: 'locked',
      reason: 'acme is locked by run apply-acme-0',
    });
    const { code, stderr } = await orgsaga(['apply', ...FILE, '--yes'], deps(endsAs(refused)));
    expect(code).toBe(1);
    expect(stderr).toContain('refused: acme is locked by run apply-acme-0');
  });

  it('Ctrl-C detaches: 130, with the commands to come back; the second one ends at once', async () => {
    const client: Partial<Client> = { apply: async () => ({ run: RUN, existing: false }), watch: lasts };
    const running = start(['apply', ...FILE, '--yes', '--json'], deps(client));
    await expect.poll(() => running.written.stderr).toContain('Running: done');
    running.interrupt();
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout, running.exits]).toEqual([130, '', []]);
    expect(stderr).toContain(`orgsaga watch ${RUN}\n  orgsaga cancel ${RUN}`);
    expect(running.signals.listenerCount('SIGINT')).toBe(0);
  });

  it('a second Ctrl-C ends the process although the first is still being seen to', async () => {
    const client: Partial<Client> = { apply: () => new Promise(() => undefined) };
    const running = start(['apply', ...FILE, '--yes'], deps(client));
    await expect.poll(() => running.signals.listenerCount('SIGINT')).toBe(1);
    running.interrupt();
    expect(running.exits).toEqual([]);
    running.interrupt();
    expect(running.exits).toEqual([130]);
  });

  it('exits 8 with the run when the server stays lost, and says what it waited for', async () => {
    const client: Partial<Client> = {
      apply: async () => ({ run: RUN, existing: false }),
      watch: async (_run, options) => {
        options?.onNoWorker?.();
        options?.onServer?.(false);
        return { ended: 'gave_up' };
      },
    };
    const { code, stdout, stderr } = await orgsaga(['apply', ...FILE, '--yes', '--json'], deps(client));
    expect([code, stdout]).toEqual([8, '']);
    expect(stderr).toContain('orgsaga worker');
    expect(stderr).toContain('server is lost');
    expect(stderr).toContain(`orgsaga watch ${RUN}`);
  });

  it('no server: exit 1, with the address from the error', async () => {
    const message = 'No Temporal server answers at 127.0.0.1:7233: start one with `orgsaga dev`.';
    const lost: Partial<Deps> = { connect: () => Promise.reject(new ApiError(message, 'no_server')) };
    const { code, stdout, stderr } = await orgsaga(['apply', ...FILE, '--yes', '--json'], deps({}, lost));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'error: No Temporal server answers at 127.0.0.1:7233: start one with `orgsaga dev`.\n',
    );
  });

  it('--json has the value of a refused run where the request became none, and no run to go on with', async () => {
    const refusing = deps({
      apply: () => Promise.reject(new ApiError('the key was used by run apply-acme-1', 'key_conflict')),
    });
    const none = totals({ repositories: 0 });
    const refused = {
      run: null,
      state: 'Refused',
      reason: 'the key was used by run apply-acme-1',
      totals: none,
    };
    for (const more of [[], ['--detach']]) {
      const ran = await orgsaga(['apply', ...FILE, '--yes', '--json', '--key', 'k', ...more], refusing);
      expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([1, { ...refused, deadLetters: [] }]);
      expect(Object.keys(JSON.parse(ran.stdout))).toEqual(Object.keys(applyJson(status())));
      expect(ran.stderr).toContain('error: the key was used by run apply-acme-1');
    }
    const human = await orgsaga(['apply', ...FILE, '--yes', '--key', 'k'], refusing);
    expect(human).toMatchObject({ code: 1, stdout: '' });
  });

  it('closes the connection whatever comes of it', async () => {
    let closed = 0;
    const client: Partial<Client> = {
      apply: async () => {
        throw new ApiError('the same key was used with another file', 'key_conflict');
      },
      close: async () => {
        closed += 1;
      },
    };
    expect((await orgsaga(['apply', ...FILE, '--yes', '--key', 'k'], deps(client))).code).toBe(1);
    expect(closed).toBe(1);
  });
});

describe('watch', () => {
  const client = endsAs(
    status({ state: 'Cancelled', totals: totals({ repositories: 2, rolledBack: 1, cancelled: 1 }) }),
  );

  it('has the exit code and JSON of apply', async () => {
    const { code, stdout } = await orgsaga(['watch', RUN, '--json'], deps(client));
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      run: RUN,
      state: 'Cancelled',
      totals: { rolledBack: 1, cancelled: 1 },
    });
  });

  it('draws a tree in its place on a terminal, and takes it away at the end', async () => {
    const { stdout, stderr } = await orgsaga(['watch', RUN], deps(client), { interactive: true });
    expect(stderr).toContain(`${RUN}  Running`);
    expect(stderr).toContain('\u001b[0J');
    expect(stdout).toContain(`${RUN}  Cancelled`);
  });
});
