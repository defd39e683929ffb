import { assert, asyncProperty, infiniteStream, integer, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pool } from '../../src/workflows/pool.js';

/** A piece of work that ends when the test says so. */
interface Piece {
  number: number;
  end(): void;
  fail(error: Error): void;
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Runs a pool over so many pieces, and gives what is under way. */
function running(pieces: number, concurrency: number, group?: number) {
  const begun: Piece[] = [];
  let next = 0;
  const ended = pool(
    concurrency,
    () => (next < pieces ? next++ : null),
    (number) =>
      new Promise<void>((resolve, reject) => {
        begun.push({ number, end: resolve, fail: reject });
      }),
    group,
  );
  return { begun, ended };
}

describe('a pool', () => {
  it('does every piece once, in order, never more at once than it may, whatever ends first', async () => {
    await assert(
      asyncProperty(
        nat(20),
        integer({ min: 1, max: 6 }),
        integer({ min: 1, max: 6 }),
        infiniteStream(nat(1_000)),
        async (pieces, concurrency, group, draws) => {
          const { begun, ended } = running(pieces, concurrency, group);
          await settle();
          const open: Piece[] = [];
          for (let done = 0, seen = 0; done < pieces; done += 1) {
            for (; seen < begun.length; seen += 1) open.push(begun[seen] as Piece);
            expect(open.length).toBeGreaterThan(0);
            expect(open.length).toBeLessThanOrEqual(concurrency);
            const [piece] = open.splice((draws.next().value as number) % open.length, 1);
            piece?.end();
            await settle();
          }
          await ended;
          expect(begun.map(({ number }) => number)).toEqual(Array.from({ length: pieces }, (_, at) => at));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('begins a group when so many places are free', async () => {
    const { begun } = running(20, 4, 2);
    await settle();
    expect(begun).toHaveLength(4);
    begun[0]?.end();
    await settle();
    expect(begun).toHaveLength(4);
    begun[2]?.end();
    await settle();
    expect(begun).toHaveLength(6);
  });

  it('begins nothing more after a failure, and throws it when all that was begun has ended', async () => {
    const { begun, ended } = running(20, 3, 2);
    let told: unknown = null;
    ended.catch((error: unknown) => void (told = error));
    await settle();
    begun[1]?.fail(new Error('no'));
    begun[0]?.end();
    await settle();
    expect([begun.length, told]).toEqual([3, null]);
    begun[2]?.end();
    await expect(ended).rejects.toThrow('no');
  });
});
