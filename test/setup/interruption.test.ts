import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Checkout, isRunning } from './checkout.js';

let checkout: Checkout;
beforeEach(() => {
  checkout = new Checkout();
});
afterEach(() => checkout.remove());

const tools = (): string[] => readdirSync(join(checkout.home, 'tools'));

/** Resolves with the process that the stub waits for, once it is there. */
function untilHanging(stub: string): Promise<number> {
  return vi.waitFor(
    () => {
      const pid = checkout.hanging(stub);
      if (pid === undefined) throw new Error(`${stub} was not called`);
      return pid;
    },
    { timeout: 20_000, interval: 20 },
  );
}

describe('set-up stopped half-way', () => {
  it.each([
    ['SIGINT', 'npm', 'hang', 130],
    ['SIGINT', 'go', 'stubborn', 130],
    ['SIGTERM', 'go', 'hang', 1],
    ['SIGHUP', 'mvn', 'hang', 1],
  ] as const)(
    'by %s in %s (%s): ends the command, says so, and goes on when run again',
    async (signal, stub, mode, code) => {
      checkout.mode(stub, mode);
      const { child, outcome } = checkout.launch('test.mjs');
      const hanging = await untilHanging(stub);
      child.kill(signal);
      const ended = await outcome;
      expect(ended.code).toBe(code);
      expect(ended.stderr).toMatch(
        new RegExp(`Interrupted by ${signal}\\..*was not finished\\.\\n.*run the same command again`),
      );
      await vi.waitFor(() => expect(isRunning(hanging)).toBe(false), { timeout: 20_000 });
      if (existsSync(join(checkout.home, 'tools')))
        expect(tools().filter((name) => name.startsWith('.') || name.includes('lock'))).toEqual([]);
      checkout.mode(stub);
      checkout.calls();
      expect((await checkout.run('test.mjs')).code).toBe(0);
      expect(checkout.calls()).toContain(stub);
    },
  );

  it.each([
    ['npm', 'hang'],
    ['go', 'stubborn'],
  ])('by kill -9 in %s (%s): the next one ends what it left running and takes over', async (stub, mode) => {
    checkout.mode(stub, mode);
    const { child, outcome } = checkout.launch('test.mjs');
    const hanging = await untilHanging(stub);
    child.kill('SIGKILL');
    await outcome;
    expect(isRunning(hanging)).toBe(true);
    checkout.mode(stub);
    const next = await checkout.run('test.mjs');
    expect(next.code).toBe(0);
    await vi.waitFor(() => expect(isRunning(hanging)).toBe(false), { timeout: 20_000 });
    expect(tools().toSorted()).toEqual(['temporal-cli-1.5.1', 'temporal-test-server-1.38.0']);
    expect(readdirSync(join(checkout.root, '.orgsaga'))).toEqual([]);
  });
});

describe('the lock', () => {
  it('makes a second set-up wait for the first, and then do nothing', async () => {
    checkout.mode('npm', 'hang');
    const first = checkout.launch('start.mjs');
    await untilHanging('npm');
    checkout.mode('npm');
    const second = checkout.launch('start.mjs');
    let said = '';
    second.child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
    await vi.waitFor(() => expect(said).toContain(`(process ${first.child.pid}) is at work; waiting`), {
      timeout: 20_000,
    });
    first.child.kill('SIGINT');
    expect((await first.outcome).code).toBe(130);
    expect((await second.outcome).code).toBe(3);
    expect(checkout.calls()).toEqual(['npm', 'npm', 'tsc', 'go']);
  });

  it('lets one of many do the work', async () => {
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => checkout.run('start.mjs')));
    expect(outcomes.map(({ code }) => code)).toEqual([3, 3, 3, 3, 3, 3]);
    expect(checkout.calls()).toEqual(['npm', 'tsc', 'go']);
  });

  it('of a process that is gone is taken over, and of one whose id was given out anew', async () => {
    const lock = join(checkout.root, '.orgsaga', 'setup.lock');
    mkdirSync(lock, { recursive: true });
    // Our own process id, but not our start time.
    writeFileSync(join(lock, `${process.pid}-1`), '');
    expect((await checkout.run('start.mjs')).code).toBe(3);
    expect(existsSync(lock)).toBe(false);
  });

  it('can be interrupted while it is waited for', async () => {
    checkout.mode('npm', 'hang');
    const first = checkout.launch('start.mjs');
    await untilHanging('npm');
    const second = checkout.launch('start.mjs');
    second.child.stderr?.once('data', () => second.child.kill('SIGINT'));
    expect((await second.outcome).code).toBe(130);
    first.child.kill('SIGINT');
    expect((await first.outcome).code).toBe(130);
  });
});
