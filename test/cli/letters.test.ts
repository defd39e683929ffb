import { describe, expect, it } from 'vitest';
import { apiFailure } from '../../src/api/failures.js';
import { LetterBox } from '../../src/api/letters.js';
import { type Config, loadConfig } from '../../src/config.js';
import { letter, RUN, status } from './support/fakes.js';
import { clientWith, type Known } from './support/server.js';

const config: Config = loadConfig({ HOME: '/home/ada', TEMPORAL_NAMESPACE: 'nope' }, '/');

const atRest = async () => ({ ended: 'at_rest', status: status() }) as const;

const never = async (): Promise<never> => {
  throw new Error('not expected');
};

const done = { outcome: 'committed' };

describe('dead letters', () => {
  const workflows: Record<string, Known> = {
    [RUN]: done,
    [`${RUN}/acme/api`]: done,
    [`${RUN}/acme:teams/core`]: done,
    [`${RUN}/acme:settings`]: done,
    [`${RUN}/acme:page-1`]: done,
    [`${RUN}/acme/busy`]: { retried: 'committed' },
  };
  const box = new LetterBox(clientWith(workflows), config);

  it.each(['acme/api', 'acme/teams/core', 'acme/settings'])(
    'a retry of %s, which has completed, is success',
    async (item) => {
      expect(await box.retry({ run: RUN, items: [item] }, never)).toEqual({
        accepted: [item],
        refused: [],
        open: [],
        succeeded: [item],
        failed: [],
        parked: [],
      });
    },
  );

  it('a retry of what somebody else is retrying waits for it', async () => {
    expect(await box.retry({ run: RUN, items: ['acme/busy'] }, never)).toMatchObject({
      accepted: ['acme/busy'],
      refused: [],
      succeeded: ['acme/busy'],
    });
  });

  it.each([
    ['are done', done],
    ['somebody else is retrying', { retried: 'committed' }],
  ])('a retry of some that %s asks once for the rollbacks of their run', async (_, known) => {
    const items = ['acme/a', 'acme/b', 'acme/c'];
    const some = Object.fromEntries(items.map((item) => [`${RUN}/${item}`, known]));
    const asked: string[] = [];
    const one = new LetterBox(clientWith({ [RUN]: done, ...some }, { asked }), config);
    expect(await one.retry({ run: RUN, items }, never)).toMatchObject({ succeeded: items, refused: [] });
    expect(asked.filter((id) => id === `${RUN}-rollback`)).toHaveLength(1);
  });

  it.each(['acme/none', 'acme/page-1'])('a retry of %s is refused', async (item) => {
    expect(await box.retry({ run: RUN, items: [item] }, never)).toEqual({
      accepted: [],
      refused: [{ item, reason: `no dead letter of ${RUN}` }],
      open: [{ item, reason: `no dead letter of ${RUN}` }],
      succeeded: [],
      failed: [],
      parked: [],
    });
  });

  it('a run that is not there is not found', async () => {
    const asked = [
      () => box.list('nope'),
      () => box.retry({ run: 'nope', items: [] }, never),
      () => box.discard({ run: 'nope', items: ['acme/api'] }, 'gone'),
    ];
    for (const ask of asked) {
      const error = await ask().catch((thrown: unknown) => apiFailure(thrown, config));
      expect(error).toMatchObject({ problem: 'not_found', message: expect.stringContaining('nope') });
    }
    expect(await box.list(RUN)).toEqual([]);
  });
});

describe('dead letters that somebody else is retrying', () => {
  const listed = ['acme/done', 'acme/failing', 'acme/waiting'].map((item) => ({
    workflowId: `${RUN}/${item}`,
  }));
  const workflows: Record<string, Known> = {
    [RUN]: done,
    [`${RUN}/acme/done`]: done,
    [`${RUN}/acme/failing`]: { letter: letter('acme/failing') },
    [`${RUN}/acme/waiting`]: { retried: 'committed' },
  };
  const answer = { accepted: ['acme/failing'], refused: [] };
  const workedOn = [{ item: 'acme/waiting', reason: 'it is being worked on' }];

  it.each([RUN, undefined])('are waited for by a retry of all, of run %s', async (run) => {
    const watched = status({ deadLetters: [letter('acme/failing')] });
    const box = new LetterBox(clientWith(workflows, { listed, update: () => answer }), config);
    const selection = run === undefined ? { items: [] } : { run, items: [] };
    expect(await box.retry(selection, async () => ({ ended: 'at_rest', status: watched }))).toMatchObject({
      accepted: ['acme/waiting', 'acme/failing'],
      succeeded: ['acme/waiting'],
      failed: [{ item: 'acme/failing' }],
      open: [],
    });
  });

  it('are refused to a discard of all, which takes the others', async () => {
    const box = new LetterBox(clientWith(workflows, { listed, update: () => answer }), config);
    expect(await box.discard({ run: RUN, items: [] }, 'gone')).toEqual({
      accepted: ['acme/failing'],
      refused: workedOn,
    });
  });

  it('are each discarded once, however many Updates they take', async () => {
    const items = Array.from({ length: 501 }, (_, index) => `acme/r${index}`);
    const many = Object.fromEntries(items.map((item) => [`${RUN}/${item}`, { letter: letter(item) }]));
    const told: string[][] = [];
    const client = clientWith(
      { [RUN]: done, ...many },
      {
        listed: Object.keys(many).map((workflowId) => ({ workflowId })),
        update: (_, { updateId, args: [argument] }) => {
          const asked = (argument as { items: string[] }).items;
          // Temporal would answer one that it knows with what it answered then.
          expect(updateId).toBeUndefined();
          told.push(asked);
          return { accepted: asked, refused: [] };
        },
      },
    );
    const { accepted } = await new LetterBox(client, config).discard({ run: RUN, items: [] }, 'gone');
    expect(accepted.toSorted()).toEqual(items.toSorted());
    expect(told.map(({ length }) => length)).toEqual([500, 1]);
  });

  it('are refused to a discard that names them', async () => {
    const box = new LetterBox(clientWith(workflows, { listed }), config);
    const none = [{ item: 'acme/none', reason: `no dead letter of ${RUN}` }];
    expect(await box.discard({ run: RUN, items: ['acme/none', 'ACME/waiting'] }, 'gone')).toEqual({
      accepted: [],
      refused: [...none, ...workedOn],
    });
  });

  it('and that wait for a person are none of either', async () => {
    const parked = { [RUN]: done, [`${RUN}/acme/stuck`]: { retried: 'committed', state: 'Parked' } };
    const one = [{ workflowId: `${RUN}/acme/stuck` }];
    const box = new LetterBox(clientWith(parked, { listed: one }), config);
    expect(await box.discard({ run: RUN, items: [] }, 'gone')).toEqual({ accepted: [], refused: [] });
    expect(await box.retry({ run: RUN, items: [] }, never)).toMatchObject({ accepted: [], refused: [] });
  });
});

describe('dead letters of one name', () => {
  /** The repository `settings` of a run, and its organisation's settings. */
  const [repository, settings] = [`${RUN}/acme/settings`, `${RUN}/acme:settings`] as const;
  const item = 'acme/settings';
  const dead = (workflowId: string, run = RUN): Known => ({ letter: letter(item, { workflowId, run }) });
  const discarded = 'discarded by somebody: no reason';

  it('are told apart by a retry: it tells the one that was not done, though the other was', async () => {
    const busy = {
      [RUN]: done,
      [repository]: { retried: 'committed' },
      [settings]: { retried: 'discarded' },
    };
    const joined = await new LetterBox(clientWith(busy), config).retry({ run: RUN, items: [item] }, never);

    const known: Record<string, Known> = { [RUN]: done };
    for (const id of [repository, settings]) known[id] = dead(id);
    const update = () => {
      Object.assign(known, { [repository]: done, [settings]: { outcome: 'discarded' } });
      return { accepted: [item, item], refused: [] };
    };
    const listed = [repository, settings].map((workflowId) => ({ workflowId }));
    const box = new LetterBox(clientWith(known, { listed, update }), config);
    const settled = await box.retry({ run: RUN, items: [] }, atRest);

    const refused = [{ item, reason: discarded }];
    const told = { accepted: [item], refused, open: refused, succeeded: [item], failed: [], parked: [] };
    expect([joined, settled]).toEqual([told, told]);
  });

  it('one of which is done: a retry waits for the other, which is under way', async () => {
    const known = { [RUN]: done, [repository]: done, [settings]: { retried: 'discarded' } };
    const box = new LetterBox(clientWith(known), config);
    expect(await box.retry({ run: RUN, items: [item] }, never)).toMatchObject({
      open: [{ item, reason: discarded }],
      succeeded: [],
    });
  });

  it.each([
    ['for the same item', 'acme/settings', []],
    ['for another one of its name', 'acme:settings', [{ item, reason: discarded }]],
  ])('in two runs: a retry that is refused %s is judged by what was done', async (_, key, open) => {
    const later = 'apply-acme-2';
    const ids = [repository, `${later}/${key}`] as const;
    const known: Record<string, Known> = { [ids[0]]: dead(ids[0]), [ids[1]]: dead(ids[1], later) };
    for (const run of [RUN, later]) known[run] = done;
    const update = (run: string) => {
      if (run === later) return { accepted: [], refused: [{ item, reason: 'no dead letter' }] };
      Object.assign(known, { [ids[0]]: done, [ids[1]]: { outcome: 'discarded' } });
      return { accepted: [item], refused: [] };
    };
    const listed = ids.map((workflowId) => ({ workflowId }));
    const box = new LetterBox(clientWith(known, { listed, update }), config);
    expect(await box.retry({ items: [] }, atRest)).toMatchObject({
      refused: [{ item, reason: discarded }],
      open,
      succeeded: [item],
    });
  });
});
