import { afterEach, describe, expect, it } from 'vitest';
import { changedSettings } from '../../src/connectors/buildkite/settings.js';
import { startSimulatedBuildkite } from '../../src/dev/connectors/buildkite.js';
import type { JsonObject } from '../../src/standards/model.js';
import { rejection } from '../activities/support.js';
import { bench, RUN, settle } from './bench.js';
import { SYSTEMS, TOKEN } from './systems.js';

const STEP = 'the_step';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A pipeline, its making answered or not, and what changes it behind our back. */
async function aPipeline(lost = false) {
  const server = await startSimulatedBuildkite(TOKEN);
  const env = { BUILDKITE_API_TOKEN: TOKEN, BUILDKITE_API_URL: server.url };
  const options = { organization: 'acme-ci', configuration: 'steps: []', description: 'Builds it' };
  const at = await bench(env, 'buildkite', options);
  closing.push(
    () => at.close(),
    () => server.close(),
  );
  if (lost) {
    server.fault({ method: 'POST', kind: 'reset', applied: true, times: 1 });
    await rejection(at.run(STEP));
    settle(at);
  } else await at.run(STEP);
  const change = (fields: JsonObject) =>
    Object.assign(server.pipelines.get('acme-ci/payments') ?? {}, fields);
  return { at, server, change };
}

describe('a pipeline on which somebody has changed', () => {
  const CHANGES: [string, JsonObject, unknown][] = [
    ['description', { description: 'Ours, do not delete' }, 'Builds it'],
    ['default_branch', { default_branch: 'develop' }, 'main'],
    ['branch_configuration', { branch_configuration: '!gh-pages' }, null],
    ['tags', { tags: ['payments'] }, null],
    ['visibility', { visibility: 'public' }, 'private'],
    ['allow_rebuilds', { allow_rebuilds: false }, true],
  ];

  it.each(CHANGES)('%s stays, and is told', async (field, fields, wrote) => {
    const { at, server, change } = await aPipeline();
    change(fields);
    const conflict = { field: `pipeline payments: ${field}`, wrote, found: fields[field] };
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [conflict] } });
    expect(server.pipelines.size).toBe(1);
  });

  it.each(CHANGES)('%s stays where the answer to its making was lost', async (field, fields) => {
    const { at, server, change } = await aPipeline(true);
    change(fields);
    const conflicts = [{ field: `pipeline payments: ${field}` }];
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts } });
    expect(server.pipelines.size).toBe(1);
  });

  it.each([
    ['', false, 120],
    [', whose making was not answered, and gave the old one away', true, 0],
  ])('slug%s stays, and is told', async (_how, lost, others) => {
    const { at, server } = await aPipeline(lost);
    const send = async (method: string, path: string, body: JsonObject): Promise<void> => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const address = `${server.url}/v2/organizations/acme-ci/pipelines${path}`;
      expect((await fetch(address, { method, headers, body: JSON.stringify(body) })).ok).toBe(true);
    };
    const another = (name: string) =>
      send('POST', '', { name, repository: 'git@github.com:acme/other.git', configuration: 'steps: []' });
    for (let count = 0; count < others; count += 1) await another(`other-${count}`);
    await send('PATCH', '/payments', { slug: 'pay' });
    if (lost) await another('payments');
    const conflict = { field: 'pipeline pay: slug', wrote: 'payments', found: 'pay' };
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [conflict] } });
    expect(server.pipelines.has('acme-ci/pay')).toBe(true);
    expect(server.pipelines.size).toBe(others + (lost ? 2 : 1));
  });

  it('stays for a rollback too, with force or without', async () => {
    const { at, server, change } = await aPipeline();
    change({ tags: ['payments'] });
    const back = await at.takeBack(`${RUN}-rollback`, RUN);
    expect(back).toMatchObject({ value: { effect: 'unchanged', conflicts: [{ stays: true }] } });
    expect(server.pipelines.size).toBe(1);
  });

  it('nothing goes, and is measured by how Buildkite said that it was made', async () => {
    const { at, server } = await aPipeline();
    const kept = await at.store.getStepResult(RUN, 'acme/payments', STEP);
    expect(kept).toMatchObject({ settings: { description: 'Builds it', visibility: 'private' } });
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    expect(server.pipelines.size).toBe(0);
    // An organisation may have defaults of its own, and an older Buildkite fewer settings.
    const own = { visibility: 'public', description: 'Tidied' };
    expect(changedSettings(own, { description: ' Tidied' }, own)).toEqual([]);
    expect(changedSettings({ ...own, tags: [] }, { description: ' Tidied' }, own)).toEqual([]);
    expect(changedSettings({ cluster_id: 'theirs' }, {}, {})).toEqual([]);
  });
});

/** Monitoring, its making answered or not, and what changes its folder behind our back. */
async function monitoring(lost = false) {
  const system = await SYSTEMS.grafana();
  const { server } = system;
  const at = await bench(system.env, 'grafana', system.options);
  closing.push(
    () => at.close(),
    () => server.close(),
  );
  if (lost) {
    server.fault({ ...system.write, kind: 'reset', applied: true, times: 1 });
    await rejection(at.run(STEP));
    settle(at);
  } else await at.run(STEP);
  const [folder] = server.seen.filter(({ method, path }) => method === 'POST' && path === '/api/folders');
  const uid = (folder?.body as { uid?: string } | undefined)?.uid ?? '';
  const change = async (body: object): Promise<void> => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const address = `${server.url}/api/folders/${uid}`;
    expect((await fetch(address, { method: 'PUT', headers, body: JSON.stringify(body) })).ok).toBe(true);
  };
  return { at, made: () => system.made(), change };
}

describe.each([
  ['was answered', false],
  ['was lost', true],
])('a folder whose making %s', (_, lost) => {
  it.each([
    ['renamed', { title: 'Payments of all' }, { field: 'folder Payments of all: title', wrote: 'payments' }],
    ['saved anew', {}, { field: 'folder payments', wrote: 'version 1', found: 'version 2' }],
  ])('and that somebody has %s stays, and is told', async (__, body, conflict) => {
    const { at, made, change } = await monitoring(lost);
    await change(body);
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [conflict] } });
    // The dashboard and the rule were as they had been made.
    expect(made()).toBe(1);
  });

  it('goes where nobody has changed it', async () => {
    const { at, made } = await monitoring(lost);
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    expect(made()).toBe(0);
  });
});

/** Our message, and that many of others after it. */
async function aMessage(others: number) {
  const system = await SYSTEMS.slack();
  // Many pages are looked through: on a busy machine that takes seconds.
  const at = await bench(system.env, 'slack', system.options, { startToCloseMs: 30_000 });
  closing.push(
    () => at.close(),
    () => system.server.close(),
  );
  await at.run(STEP);
  const [ours] = system.server.messages;
  if (ours === undefined) throw new Error('nothing was posted');
  const theirs = { ...ours, text: 'Of somebody else', metadata: null, edited: false };
  const [second = ''] = ours.ts.split('.');
  system.server.messages.unshift(
    ...Array.from({ length: others }, (_, index) => ({ ...theirs, ts: `${second}.${100_000 + index}` })),
  );
  return { at, ours };
}

describe('a message in a channel in which others have written since', () => {
  it('is found behind thousands of theirs, and withdrawn', async () => {
    const { at, ours } = await aMessage(6_000);
    expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [] } });
    expect(ours).toMatchObject({ edited: true, text: 'Withdrawn: this onboarding was undone.' });
  });

  it('is not taken for absent where there are more than are looked through', async () => {
    const { at, ours } = await aMessage(25_000);
    expect(String(await rejection(at.undo(STEP)))).toContain('so its message was not found');
    expect(ours.edited).toBe(false);
  });
});
