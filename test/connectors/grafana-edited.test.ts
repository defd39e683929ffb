import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inverseItem } from '../../src/activities/inverse-items.js';
import { alertBody, dashboardBody, idsOf } from '../../src/connectors/grafana/bodies.js';
import { changedAlert, changedDashboard } from '../../src/connectors/grafana/changed.js';
import { options } from '../../src/connectors/grafana/options.js';
import type { Rule } from '../../src/dev/connectors/server.js';
import type { JsonObject } from '../../src/standards/model.js';
import { rejection } from '../activities/support.js';
import { type Bench, bench, ITEM, ORGANIZATION, RUN, settle } from './bench.js';
import { SYSTEMS } from './systems.js';

const STEP = 'the_step';
const BACK = `${RUN}-rollback`;
const FORWARD = `${BACK}-rollback`;
const LAST = `${FORWARD}-rollback`;
const CONFLICT = { field: 'alert rule Errors: labels', wrote: {}, found: { by: 'somebody' } };
const FOLDER = { field: 'folder payments', wrote: [], found: ['Errors'] };
const LEFT = { status: 'done', value: { conflicts: [CONFLICT, FOLDER] } };
const REFUSED = { kind: 'status', status: 403, body: { message: 'no' } } as const;
const ALERT = /alert-rules\/os-a-/;

describe('an alert that somebody has edited', () => {
  let system: Awaited<ReturnType<typeof SYSTEMS.grafana>>;
  let at: Bench;
  beforeEach(async () => {
    system = await SYSTEMS.grafana();
    // Every step makes a dozen calls: on a busy machine that takes more than a second.
    at = await bench(system.env, 'grafana', system.options, { startToCloseMs: 10_000 });
  });
  afterEach(async () => {
    await at.close();
    await system.server.close();
  });
  const edit = (fields: JsonObject = { labels: { by: 'somebody' } }): void => {
    for (const rule of system.server.rules.values())
      Object.assign(rule, { updated: '2100-01-01T00:00:00Z', ...fields });
  };
  const standing = (): unknown[] => [...system.server.rules.values()].map(({ labels }) => labels);
  const stays = (): void => {
    expect(standing()).toEqual([{ by: 'somebody' }]);
    expect(system.server.folders.size).toBe(1);
  };

  it('stays, however often a rollback is rolled back', async () => {
    await at.run(STEP);
    edit();
    expect(await at.takeBack(BACK, RUN)).toMatchObject(LEFT);
    expect(await at.takeBack(FORWARD, BACK)).toMatchObject({ status: 'done' });
    expect(system.made()).toBe(3);
    stays();
    expect(await at.takeBack(LAST, FORWARD)).toMatchObject(LEFT);
    stays();
    expect(system.server.dashboards.size).toBe(0);
  });

  it('is all that is left for a second rollback, which changes nothing and owes nothing', async () => {
    await at.run(STEP);
    edit();
    expect(await at.takeBack(BACK, RUN)).toMatchObject(LEFT);
    const again = `${BACK}-2`;
    await at.store.releaseLock(ORGANIZATION, BACK, BACK);
    expect(await at.takeBack(again, RUN)).toMatchObject({
      status: 'done',
      value: { ...LEFT.value, effect: 'unchanged' },
    });
    expect((await at.records(STEP, again)).map(({ outcome }) => outcome)).toEqual(['unchanged']);
    expect(inverseItem(await at.store.recordsOfItem(again, ITEM), false)).toBeNull();
    expect(await at.undoTakingBack(again, RUN)).toMatchObject({ status: 'done' });
    expect(system.server.dashboards.size).toBe(0);
    stays();
  });

  it('stays where the rollback is undone and then tried again', async () => {
    await at.run(STEP);
    edit();
    expect(await at.takeBack(BACK, RUN)).toMatchObject(LEFT);
    expect(await at.undoTakingBack(BACK, RUN)).toMatchObject({ status: 'done' });
    expect(await at.takeBack(BACK, RUN)).toMatchObject(LEFT);
    stays();
  });

  it('stays beside a dashboard that was edited too, where nothing is made anew', async () => {
    await at.run(STEP);
    edit();
    for (const { dashboard } of system.server.dashboards.values()) dashboard['version'] = 2;
    const board = { field: 'dashboard Payments', found: 'version 2' };
    const left = { status: 'done', value: { conflicts: [CONFLICT, board, { field: 'folder payments' }] } };
    expect(await at.takeBack(BACK, RUN)).toMatchObject(left);
    expect(inverseItem(await at.store.recordsOfItem(BACK, ITEM), false)).toBeNull();
    await at.store.releaseLock(ORGANIZATION, BACK, BACK);
    expect(await at.takeBack(`${BACK}-2`, RUN)).toMatchObject(left);
    expect(system.made()).toBe(3);
  });

  it.each<[string, Rule]>([
    [
      'the answer to its making was lost',
      { method: 'POST', path: /alert-rules$/, kind: 'reset', applied: true },
    ],
    ['only the look after its making failed', { ...REFUSED, method: 'GET', path: ALERT, skip: 2 }],
  ])('stays where %s, and its undo was refused before', async (_, rule) => {
    system.server.fault({ ...rule, times: 1 });
    await rejection(at.run(STEP));
    expect(standing().length).toBe(1);
    settle(at);
    system.server.fault({ ...REFUSED, method: 'DELETE', times: 1 });
    await rejection(at.undo(STEP));
    edit();
    settle(at);
    expect(await at.undo(STEP)).toMatchObject({
      value: { conflicts: [CONFLICT, { field: 'folder payments' }] },
    });
    stays();
  });

  it.each([
    [{ isPaused: true }],
    [{ for: '10m' }],
    [{ title: 'Ours' }],
    [{ data: [] }],
    [{ folderUID: 'theirs' }],
    [{ keep_firing_for: '1m' }],
    [{ notification_settings: { receiver: 'theirs' } }],
  ])('%j is told', async (fields) => {
    system.server.fault({ ...system.write, kind: 'reset', applied: true, times: 1 });
    await rejection(at.run(STEP));
    settle(at);
    await at.run(STEP);
    edit(fields);
    const [field, found] = Object.entries(fields)[0] ?? ['', null];
    const conflicts = [{ field: expect.stringContaining(`: ${field}`), found }];
    expect(await at.takeBack(BACK, RUN)).toMatchObject({
      value: { conflicts: field === 'folderUID' ? conflicts : [...conflicts, { field: 'folder payments' }] },
    });
    expect(system.server.rules.size).toBe(1);
  });

  it('is told by the time of its change alone where its making was answered', async () => {
    await at.run(STEP);
    edit({});
    const conflict = { field: 'alert rule Errors', found: '2100-01-01T00:00:00Z' };
    const left = { value: { conflicts: [conflict, FOLDER] } };
    expect(await at.takeBack(BACK, RUN)).toMatchObject(left);
    await at.takeBack(FORWARD, BACK);
    expect(system.made()).toBe(3);
    expect(await at.takeBack(LAST, FORWARD)).toMatchObject(left);
  });
});

const asked = options.parse({
  dashboard: { title: 'Payments', panels: [{ title: 'Up', datasource: 'prom', expr: 'up' }] },
  alert: { title: 'Errors', datasource: 'prom', expr: 'errors', above: 5, for: '90m' },
});
const ids = idsOf('0'.repeat(32));

describe('what Grafana shows of an alert as it was asked for', () => {
  const body = alertBody(asked, ids);
  const { labels: _, annotations: __, ...rest } = body;
  const [first = {}, second = {}] = body['data'] as JsonObject[];
  const shown = {
    ...rest,
    id: 7,
    orgID: 1,
    updated: '2100-01-01T00:00:00Z',
    for: '1h30m',
    keep_firing_for: '0s',
    isPaused: false,
    notification_settings: null,
    data: [
      { ...first, queryType: '' },
      { ...second, queryType: '' },
    ],
  };

  it('is no change where it is spelled in its own way', () => {
    expect(changedAlert(body, shown, '')).toEqual([]);
  });

  it('is one where a query holds more', () => {
    const model = { ...(first['model'] as JsonObject), legendFormat: 'theirs' };
    expect(changedAlert(body, { ...shown, data: [{ ...first, model }, second] }, '')).toMatchObject([
      { field: 'alert rule Errors: data' },
    ]);
  });
});

describe('what Grafana shows of a dashboard', () => {
  const body = dashboardBody(asked, ids);
  const dashboard = body['dashboard'] as JsonObject;
  const [panel = {}] = dashboard['panels'] as JsonObject[];
  const meta = { folderUid: ids.folder };

  it('is no change where Grafana has filled in more', () => {
    const panels = [{ ...panel, fieldConfig: { defaults: {} } }];
    const now = { ...dashboard, id: 3, version: 1, schemaVersion: 41, panels };
    expect(changedDashboard(body, { dashboard: now, meta })).toEqual([]);
  });

  it.each([
    ['title', { title: 'Ours' }, meta],
    ['tags', { tags: ['theirs'] }, meta],
    ['panels', { panels: [panel, panel] }, meta],
    ['folder', {}, { folderUid: 'theirs' }],
  ])('is one where another of its uid has other %s', (part, fields, where) => {
    const now = { ...dashboard, version: 1, ...fields };
    expect(changedDashboard(body, { dashboard: now, meta: where })).toMatchObject([
      { field: expect.stringMatching(`: ${part}$`) },
    ]);
  });
});
