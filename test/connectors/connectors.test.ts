import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rule } from '../../src/dev/connectors/server.js';
import { rejection } from '../activities/support.js';
import { type Bench, bench, settle } from './bench.js';
import { PARTS, SYSTEMS, type System, TOKEN } from './systems.js';

const STEP = 'the_step';

describe.each(['buildkite', 'grafana', 'slack'] as const)('%s', (name) => {
  let system: System;
  let at: Bench;
  beforeEach(async () => {
    system = await SYSTEMS[name]();
    at = await bench(system.env, name, system.options);
  });
  afterEach(async () => {
    await at.close();
    await system.server.close();
  });
  const all = PARTS[name];
  const writes = (): number =>
    system.server.seen.filter(
      ({ method, path }) => method === system.write.method && system.write.path?.test(path) === true,
    ).length;

  it('makes it once, however often it is asked, and takes it back', async () => {
    expect(await at.run(STEP)).toMatchObject({ status: 'done', value: { effect: 'applied' } });
    expect(system.made()).toBe(all);
    expect(await at.run(STEP)).toMatchObject({ status: 'done', value: { effect: 'applied' } });
    expect(system.made()).toBe(all);
    expect(await at.store.getStepResult('onboard-acme-1', 'acme/payments', STEP)).not.toBeNull();
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    expect(system.made()).toBe(0);
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    const records = await at.records(STEP);
    expect(records.map(({ direction, outcome }) => [direction, outcome])).toEqual([
      ['do', 'applied'],
      ['undo', 'applied'],
    ]);
    expect(JSON.stringify(records)).not.toContain(TOKEN);
  });

  it('undoes nothing where nothing was done', async () => {
    const before = system.server.seen.length;
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    expect(system.server.seen.length).toBe(before);
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    const records = await at.records(STEP);
    expect(records.map(({ direction, outcome }) => [direction, outcome])).toEqual([['undo', 'unchanged']]);
  });

  it('makes nothing any more for who was asked before it was undone', async () => {
    await at.undo(STEP);
    const [undone] = await at.records(STEP);
    const before = (undone?.intendedAt ?? 0) - 1;
    const sent = system.server.seen.length;
    expect(await at.run(STEP, before)).toMatchObject({ status: 'notYet' });
    expect(system.server.seen.length).toBe(sent);
    expect(await at.run(STEP)).toMatchObject({ status: 'done' });
    expect(system.made()).toBe(all);
    // Nor takes away for who was asked to before it was made again.
    expect(await at.undo(STEP, before)).toMatchObject({ status: 'notYet' });
    expect(system.made()).toBe(all);
  });

  it.each([
    ['reset', { kind: 'reset', applied: true }],
    ['never answered', { kind: 'hang', applied: true, ms: 1_000 }],
  ] as [string, Rule][])('applied and then %s: looks before it repeats, and finds it', async (_, rule) => {
    system.server.fault({ ...system.write, ...rule, times: 1 });
    const lost = await rejection(at.run(STEP));
    expect(lost.details).toMatchObject([{ mayBeApplied: true }]);
    if (name !== 'grafana') expect(await at.run(STEP)).toMatchObject({ status: 'notYet' });
    settle(at);
    const again = await at.run(STEP);
    expect(again).toMatchObject({ status: 'done', value: { effect: 'applied' } });
    expect(system.made()).toBe(all);
    expect(writes()).toBe(1);
    await at.undo(STEP);
    expect(system.made()).toBe(0);
  });

  it('lost before it was applied: waits, looks, and makes it then', async () => {
    system.server.fault({ ...system.write, kind: 'reset', times: 1 });
    await rejection(at.run(STEP));
    settle(at);
    expect(await at.run(STEP)).toMatchObject({ status: 'done', value: { effect: 'applied' } });
    expect(system.made()).toBe(all);
    const records = await at.records(STEP);
    expect(records.map(({ outcome }) => outcome)).toEqual(['refused', 'applied']);
  });

  it('is undone by the store and a look alone where the answer was lost', async () => {
    system.server.fault({ ...system.write, kind: 'reset', applied: true, times: 1 });
    await rejection(at.run(STEP));
    expect(await at.undo(STEP)).toMatchObject({ status: 'notYet' });
    settle(at);
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    expect(system.made()).toBe(0);
  });

  it('an undo whose answer is lost is done once', async () => {
    await at.run(STEP);
    system.server.fault({ ...system.erase, kind: 'reset', applied: true, times: 1 });
    await rejection(at.undo(STEP));
    settle(at);
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    expect(system.made()).toBe(0);
    const undone = (await at.records(STEP)).filter(({ direction }) => direction === 'undo');
    expect(undone.map(({ outcome }) => outcome)).toEqual(['applied']);
  });

  it('does not take what somebody else has for its own', async () => {
    if (system.occupy === null) return expect(name).toBe('slack');
    system.occupy();
    const before = system.made();
    const refused = await rejection(at.run(STEP));
    expect(refused).toMatchObject({ type: 'Refused', details: [{ code: 'conflict', mayBeApplied: false }] });
    expect(refused.message).toMatch(/there is a .* already/);
    await at.undo(STEP);
    expect(system.made()).toBe(before);
    expect(writes()).toBe(0);
  });

  it('waits where it is told to, and where the circuit breaker is open', async () => {
    system.server.fault({ kind: 'status', status: 429, headers: { 'retry-after': '7' }, times: 1 });
    const limited = await at.run(STEP);
    expect(limited).toMatchObject({ status: 'notYet' });
    system.server.fault({ kind: 'status', status: 503 });
    for (let failures = 0; failures < 5; failures += 1) await at.run(STEP).catch(() => null);
    const sent = system.server.seen.length;
    const open = await at.run(STEP);
    expect(open).toMatchObject({ status: 'notYet', reason: expect.stringContaining('circuit breaker') });
    expect(system.server.seen.length).toBe(sent);
    system.server.clearFaults();
    settle(at);
    expect(await at.run(STEP)).toMatchObject({ status: 'done' });
  });

  it('tells a refusal without the token', async () => {
    const body = { message: `no, ${TOKEN}`, ok: false, error: 'not_in_channel' };
    system.server.fault({ ...system.write, kind: 'status', status: name === 'slack' ? 200 : 403, body });
    const refused = await rejection(at.run(STEP));
    expect(refused.type).toBe('Refused');
    expect(refused.message).not.toContain(TOKEN);
    expect(JSON.stringify(await at.records(STEP))).not.toContain(TOKEN);
  });
});
