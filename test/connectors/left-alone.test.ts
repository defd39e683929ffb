import { afterEach, describe, expect, it } from 'vitest';
import { changedSettings } from '../../src/connectors/buildkite/settings.js';
import { startSimulatedBuildkite } from '../../src/dev/connectors/buildkite.js';
import type { JsonObject } from '../../src/standards/model.js';
import { rejection } from '../activities/support.js';
import { bench, RUN, settle } from './bench.js';
import { TOKEN } from './systems.js';

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
