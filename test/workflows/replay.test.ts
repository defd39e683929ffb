import { homedir, hostname } from 'node:os';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import * as workflows from '../../src/workflows/index.js';
import { devServer } from '../time-skipping/support.js';
import { bundled, ownBundle } from './bundled.js';
import { record } from './record.js';
import { keep, RELEASE, type Recorded, stored, workflowTypeOf } from './stored.js';

// What is cancelled ends on the dev server only.
const bench = devServer();
/** Set to keep the histories that this test makes as this release's: once for every release. */
const RECORD = process.env['ORGSAGA_RECORD_HISTORIES'] === '1';
/** Every workflow type of this release. */
const TYPES = Object.keys(workflows);

let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  bundle = await ownBundle();
});

const replay = ({ workflowId, history }: Recorded, workflowBundle = bundle): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle }, historyFromJSON(history), workflowId);

const typesOf = (histories: Iterable<Recorded>): Set<string | undefined> =>
  new Set([...histories].map(workflowTypeOf));

/** Every string of a history, payloads decoded. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value, Buffer.from(value, 'base64').toString('utf8')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

describe('replay', () => {
  it('of histories made now, of every workflow type', { timeout: 180_000 }, async () => {
    const histories = await record(bench);
    expect(typesOf(histories.values())).toEqual(new Set(TYPES));
    for (const [name, history] of histories) await expect(replay(history), name).resolves.toBeUndefined();
    if (RECORD) keep(histories);
  });

  it('of the stored histories of every release: workflows in flight finish on this one', async () => {
    for (const [name, history] of stored()) await expect(replay(history), name).resolves.toBeUndefined();
  });

  it('fails for workflows that have changed', async () => {
    const histories = stored();
    const types = [...typesOf(histories.map(([, history]) => history))];
    const other = await bundled(types.map((name) => `export const ${name} = async () => null;`).join('\n'));
    for (const [name, history] of histories) await expect(replay(history, other), name).rejects.toThrow();
  });
});

describe('stored histories', () => {
  it('are there for every workflow type of this release', () => {
    const ofRelease = stored().filter(([name]) => name.startsWith(`${RELEASE}/`));
    expect(typesOf(ofRelease.map(([, history]) => history))).toEqual(new Set(TYPES));
  });

  it('hold a cancel that closes the store to forward intents', () => {
    const activities = stored().filter(([, history]) =>
      JSON.stringify(history).includes('"activityType":{"name":"stopRun"}'),
    );
    expect(activities.map(([name]) => name)).toContain(`${RELEASE}/apply-cancelled`);
  });

  it('are small and hold no path, no name of a machine and no credential', () => {
    for (const [name, history] of stored()) {
      const text = textsOf(history).join('\n');
      expect(text.length, name).toBeLessThan(400_000);
      for (const secret of [
        `@${hostname()}`,
        homedir(),
        process.cwd(),
        '/node_modules/',
        'ghp_',
        'ghs_',
        'Bearer ',
      ])
        expect(text.includes(secret), `${name} holds ${secret}`).toBe(false);
      expect(text, name).toContain('acme');
    }
  });
});
