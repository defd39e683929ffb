import { expect, it } from 'vitest';
import type { NewTurnNote, TurnNote } from '../../src/policies/turn-notes.js';
import type { Store } from '../../src/store/store.js';
import { describeStores } from '../support/stores.js';

const began = (over: Partial<NewTurnNote> = {}): NewTurnNote => ({
  kind: 'began',
  lane: 'write',
  resource: 'core',
  requests: 1,
  until: 0,
  ...over,
});

const HERE = { host: 'https://api.github.com', token: 'token', worker: 'worker' };

/** What a worker is given, after which it notes something. */
async function note(
  store: Store,
  after: number,
  ...own: NewTurnNote[]
): Promise<{ notes: TurnNote[]; now: number }> {
  let given: { notes: TurnNote[]; now: number } = { notes: [], now: 0 };
  await store.noteTurns({ ...HERE, after }, ({ notes, now }) => {
    given = { notes: [...notes], now };
    return own;
  });
  return given;
}

describeStores('Turns of a token', ({ kind, fresh, open }) => {
  it('are given to every worker of it in the order in which they were noted, and to no other token', async () => {
    const options = await fresh();
    const [one, other] = [await open(options), await open(options)];
    await note(one, 0, began({ requests: 3 }), began({ resource: 'graphql' }));
    await other.noteTurns({ ...HERE, token: 'another token', after: 0 }, ({ notes }) => {
      expect(notes).toEqual([]);
      return [began()];
    });
    const { notes, now } = await note(other, 0, began({ kind: 'ended' }));
    expect(notes).toMatchObject([
      { ...began({ requests: 3 }), worker: 'worker' },
      began({ resource: 'graphql' }),
    ]);
    expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
    const since = await note(one, notes.at(-1)?.id ?? 0);
    expect(since.notes.map((each) => each.kind)).toEqual(['ended']);
  });

  it('are each decided on knowing all that were noted before, however many workers ask at once', async () => {
    const options = await fresh();
    const stores = await Promise.all([1, 2, 3].map(() => open(options)));
    // Each adds one to what it sees: none may see the same as another.
    const seen: number[] = [];
    const ask = (store: Store) =>
      store.noteTurns({ ...HERE, after: 0 }, ({ notes }) => {
        seen.push(notes.length);
        return [began()];
      });
    await Promise.all(Array.from({ length: 8 }, () => stores.map(ask)).flat());
    expect(new Set(seen).size).toBe(24);
    expect(Math.max(...seen)).toBe(23);
  });

  it.runIf(kind === 'sqlite')(
    'count for a minute, content for an hour, a closed window until it is open',
    async () => {
      const clock = { now: 1_700_000_000_000 };
      const store = await open({ ...(await fresh()), now: () => clock.now });
      const closed = began({ kind: 'closed', lane: 'read', until: clock.now + 300_000 });
      await note(store, 0, began(), began({ lane: 'content' }), closed);
      const lanes = async () => (await note(store, 0)).notes.map(({ lane }) => lane);
      expect(await lanes()).toEqual(['write', 'content', 'read']);
      clock.now += 63_000;
      expect(await lanes()).toEqual(['content', 'read']);
      clock.now += 300_000;
      expect(await lanes()).toEqual(['content']);
      await store.forgetTurns();
      expect(await lanes()).toEqual(['content']);
      clock.now += 3_600_000;
      await store.forgetTurns();
      clock.now -= 3_600_000;
      expect(await lanes()).toEqual([]);
    },
  );
});
