import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/errors.js';
import { fakeDeps, orgsaga, RUN, start, status, totals } from './support/fakes.js';

const ROLLBACK = `${RUN}-rollback`;

/** A client under which a rollback ends so; `asked` is what it was asked for. */
function ending(more: Parameters<typeof status>[0] = {}, existing = false) {
  const asked: unknown[] = [];
  const ended = status({ run: ROLLBACK, kind: 'rollback', of: RUN, ...more });
  const deps = fakeDeps({
    client: {
      rollback: async (input) => {
        asked.push(input);
        return { run: ROLLBACK, existing };
      },
      watch: async (_run, options) => {
        options?.onStatus?.(ended);
        return { ended: 'at_rest', status: ended };
      },
    },
  });
  return { asked, deps };
}

describe('rollback RUN', () => {
  it('starts a rollback and follows it', async () => {
    const { asked, deps } = ending();
    const { code, stdout } = await orgsaga(['rollback', RUN, '--yes', '--json'], deps);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { run: ROLLBACK, state: 'Committed', conflicts: [] },
    ]);
    expect(asked).toEqual([{ of: RUN, actor: 'ada', force: false, wait: false }]);
  });

  it('passes on what it is told, and attaches to one that is under way', async () => {
    const { asked, deps } = ending({}, true);
    const ran = await orgsaga(['rollback', RUN, '-y', '--force', '--wait', '--detach', '--json'], deps);
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, { run: ROLLBACK, existing: true }]);
    expect(ran.stderr).toContain(`being rolled back already: run ${ROLLBACK}`);
    expect(ran.stderr).toContain(`orgsaga watch ${ROLLBACK}`);
    expect(asked).toMatchObject([{ force: true, wait: true }]);
  });

  it('exits 5 with conflicts left, and shows them', async () => {
    const conflict = { step: 'settings', field: 'has_wiki', before: true, wrote: false, found: null };
    const { deps } = ending({ conflicts: [{ ...conflict, item: 'acme/api' }] });
    const { code, stdout, stderr } = await orgsaga(['rollback', RUN, '--yes'], deps);
    expect(code).toBe(5);
    expect(stdout).toContain(`takes back ${RUN}`);
    expect(stdout).toContain('acme/api  settings: has_wiki was changed by somebody else and is left');
    expect(stderr).toContain('1 field is left as a conflict');
    expect(stderr).toContain(`orgsaga rollback ${RUN} --force`);
  });

  it('names no --force where all that is left is what force would leave too', async () => {
    const found = { visibility: 'private', changed: ['issue #1'] };
    const made = { step: 'repository', field: '', before: null, wrote: { visibility: 'private' }, found };
    const team = { ...made, step: 'create', found: { changed: ['repository acme/api'] } };
    const repository = { ...made, item: 'acme/new', stays: true as const };
    const named = { step: 'create_ci_pipeline', field: 'pipeline new: tags', wrote: null, found: ['pay'] };
    const pipeline = { ...named, before: null, item: 'acme/new', stays: true as const };
    for (const conflicts of [[repository], [pipeline], [repository, pipeline]]) {
      const alone = await orgsaga(['rollback', RUN, '--yes'], ending({ conflicts }).deps);
      expect([alone.code, alone.stderr]).toEqual([5, expect.not.stringContaining('--force')]);
    }
    const conflicts = [repository, pipeline, { ...team, item: 'acme/teams/core' }];
    const both = await orgsaga(['rollback', RUN, '--yes'], ending({ conflicts }).deps);
    expect(both.stderr).toContain(`orgsaga rollback ${RUN} --force`);
  });

  it('exits 1 where it is refused, with the reason', async () => {
    const refused = { state: 'Refused' as const, refusal: 'state' as const, reason: 'it is still going' };
    const { deps } = ending({ ...refused, totals: totals() });
    const ran = await orgsaga(['rollback', RUN, '--yes'], deps);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('it is still going')]);
    const already = fakeDeps({
      client: {
        rollback: async () => {
          throw new ApiError('rolled back already', 'wrong_state');
        },
      },
    });
    expect(await orgsaga(['rollback', RUN, '--yes'], already)).toMatchObject({ code: 1, stdout: '' });
  });

  it('needs --yes without a terminal, and a yes on one', async () => {
    const unasked = await orgsaga(['rollback', RUN], fakeDeps({}));
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const no = await orgsaga(['rollback', RUN], fakeDeps({}), { interactive: true, input: 'no\n' });
    expect([no.code, no.stderr]).toEqual([1, expect.stringContaining('Nothing was done.')]);
    const { asked, deps } = ending();
    const yes = await orgsaga(['rollback', RUN, '--force'], deps, { interactive: true, input: 'y\n' });
    expect([yes.code, yes.stderr]).toEqual([0, expect.stringContaining('what others have changed')]);
    expect(asked).toHaveLength(1);
  });

  it('only detaches on Ctrl-C', async () => {
    const deps = fakeDeps({
      client: {
        rollback: async () => ({ run: ROLLBACK, existing: false }),
        watch: (_run, options) =>
          new Promise((resolve) =>
            options?.signal?.addEventListener('abort', () => resolve({ ended: 'aborted' })),
          ),
      },
    });
    const running = start(['rollback', RUN, '--yes'], deps);
    await expect.poll(() => running.written.stderr).toContain(ROLLBACK);
    running.interrupt();
    expect(await running.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Detached') });
  });

  it('shows in the status of the run which run took it back', async () => {
    const deps = fakeDeps({ client: { status: async () => status({ rolledBackBy: ROLLBACK }) } });
    expect((await orgsaga(['status', RUN], deps)).stdout).toContain(`rolled back by ${ROLLBACK}`);
  });
});
