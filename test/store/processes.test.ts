import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { StoreOptions } from '../../src/store/open.js';
import { compiled } from '../support/compiled.js';
import { describeStores } from '../support/stores.js';

const WRITERS = ['w1', 'w2', 'w3', 'w4'];

let child: ReturnType<typeof compiled>;
const running: ChildProcess[] = [];

beforeAll(() => {
  child = compiled('test/support/store-child.ts');
});

afterEach(() => {
  for (const process of running.splice(0)) process.kill('SIGKILL');
});

afterAll(() => child.remove());

/** Starts a writer; `lines` grows as it prints. */
function start(options: StoreOptions, writer: string, count: number) {
  const env = { ...process.env, STORE: JSON.stringify(options), WRITER: writer, COUNT: String(count) };
  const spawned = spawn(process.execPath, [child.path], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(spawned);
  const reader = createInterface({ input: spawned.stdout });
  const lines: string[] = [];
  reader.on('line', (line) => lines.push(line));
  const ended = Promise.all([once(spawned, 'exit'), once(reader, 'close')]).then(([[code]]) => Number(code));
  return { spawned, reader, lines, ended };
}

describeStores('Several processes at one store', ({ fresh, open }) => {
  it('lose nothing and keep the order within a step, from the creation of the tables on', async () => {
    const options = await fresh();
    const writers = WRITERS.map((writer) => start(options, writer, 50));
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    const store = await open(options);
    const seen = new Set<number>();
    for (const [index, writer] of WRITERS.entries()) {
      for (const step of ['a', 'b']) {
        const records = await store.recordsOfStep('r1', `acme/${writer}`, step);
        expect(records.map(({ attempt }) => attempt)).toEqual(
          Array.from({ length: 50 }, (_, attempt) => attempt),
        );
        expect(records.map(({ requestId }) => requestId)).toEqual(
          records.map(({ attempt }) => `${writer}-${step}-${attempt}`),
        );
        for (const { id } of records) seen.add(id);
      }
      expect(writers[index]?.lines.every((line) => seen.has(Number(line)))).toBe(true);
    }
    expect(seen.size).toBe(400);
    // All four hold the lock by name: it is free only after the last has let go.
    for (const writer of WRITERS.slice(0, 3)) await store.releaseLock('acme', 'r1', writer);
    expect(await store.acquireLock('acme', 'r2', 'x')).toMatchObject({ granted: false, heldBy: 'r1' });
    await store.releaseLock('acme', 'r1', 'w4');
    expect(await store.acquireLock('acme', 'r2', 'x')).toEqual({ granted: true, fence: 5 });
  });

  it('hold every intent that was confirmed before a kill -9, and go on', async () => {
    const options = await fresh();
    const killed = start(options, 'w1', 1_000_000);
    const other = start(options, 'w2', 100);
    for await (const _ of killed.reader) if (killed.lines.length > 200) break;
    killed.spawned.kill('SIGKILL');
    await killed.ended;
    expect(await other.ended).toBe(0);
    const store = await open(options);
    const records = await store.recordsOfItem('r1', 'acme/w1');
    const kept = new Set(records.map(({ id }) => id));
    expect(killed.lines.map(Number).filter((id) => !kept.has(id))).toEqual([]);
    for (const step of ['a', 'b']) {
      const own = records.filter((record) => record.step === step);
      expect(own.map(({ attempt }) => attempt)).toEqual(own.map((_, attempt) => attempt));
      // What was in flight is open; all before it has its outcome.
      expect(own.slice(0, -1).every(({ outcome }) => outcome === 'applied')).toBe(true);
    }
    expect((await store.recordsOfItem('r1', 'acme/w2')).length).toBe(200);
    const held = await store.acquireLock('acme', 'r2', 'x');
    const fence = held.granted ? 0 : held.fence;
    expect(await store.takeLock('acme', { run: 'r1', fence }, 'r2', 'x')).toBe(true);
  });
});
