import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { retryUpdate } from '../../src/workflows/contract.js';
import { organizationSettings, repository } from '../time-skipping/fake-world.js';
import { timeSkipping } from '../time-skipping/support.js';
import { bundled, ownBundle } from './bundled.js';

const bench = timeSkipping();
const HISTORIES = fileURLToPath(new URL('../histories', import.meta.url));
/** Set to keep the histories that this test makes as the stored ones: once for every release. */
const RECORD = process.env['ORGSAGA_RECORD_HISTORIES'] === '1';

let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  bundle = await ownBundle();
});

/** A history as stored; replay needs the id too, of which the workflows make their children's. */
interface Recorded {
  workflowId: string;
  history: unknown;
}

const replay = ({ workflowId, history }: Recorded, workflowBundle = bundle): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle }, historyFromJSON(history), workflowId);

/** Two pages, a dead letter that is retried, a team that fails: so all is undone. Covers every workflow type. */
async function recorded(): Promise<Map<string, Recorded>> {
  const world = bench.world();
  world.before = [organizationSettings('acme')];
  world.pages = [[repository('acme/api', ['files/a', 'settings'])], [repository('acme/web')]];
  world.fates.set('do acme/api settings', ['refused']);
  world.fates.set('do acme/web settings', [{ notYet: 5_000 }, 'unavailable', 'ok']);
  const retried = await bench.apply(world);
  await retried.reaches('AwaitingOperator');
  await retried.handle.executeUpdate(retryUpdate, { args: [{ items: [], actor: 'ada' }] });
  await retried.ends();
  const failing = bench.world();
  failing.pages = [[repository('acme/api')]];
  failing.after = [{ ...organizationSettings('acme'), item: 'acme/teams/core', kind: 'team' }];
  failing.fates.set('do acme/teams/core settings', 'refused');
  const undone = await bench.apply(failing);
  await undone.ends();
  const ids = {
    'apply-retried': retried.id,
    'page-dead-letter': `${retried.id}/acme:page-1`,
    'item-retried': `${retried.id}/acme/api`,
    'item-waited': `${retried.id}/acme/web`,
    'apply-rolled-back': undone.id,
    'item-dead-letter': `${undone.id}/acme:teams/core`,
    compensate: `${undone.id}/acme/api:undo`,
  };
  const histories = new Map<string, Recorded>();
  for (const [name, id] of Object.entries(ids)) {
    const history = await bench.environment.client.workflow.getHandle(id).fetchHistory();
    histories.set(name, { workflowId: id, history: withoutMachine(JSON.parse(historyToJSON(history))) });
  }
  return histories;
}

/** Without names of the machine and stacks with its paths: replay needs neither. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  if (typeof value === 'string') return /^\d+@/.test(value) ? 'worker' : value;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'stackTrace');
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, key === 'identity' ? 'worker' : withoutMachine(inner)]),
  );
}

const stored = (): [string, Recorded][] =>
  readdirSync(HISTORIES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file, JSON.parse(readFileSync(join(HISTORIES, file), 'utf8'))]);

/** Every string of a history, payloads decoded. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value, Buffer.from(value, 'base64').toString('utf8')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

describe('replay', () => {
  it('of histories made now', async () => {
    const histories = await recorded();
    for (const [name, history] of histories) {
      await replay(history);
      if (RECORD) writeFileSync(join(HISTORIES, `${name}.json`), `${JSON.stringify(history)}\n`);
    }
  });

  it('of the stored histories: workflows in flight finish on this release', async () => {
    const histories = stored();
    const types = new Set(
      histories.map(([, history]) => /"workflowType":\{"name":"(\w+)"/.exec(JSON.stringify(history))?.[1]),
    );
    expect(types).toEqual(new Set(['apply', 'applyItem', 'applyPage', 'compensateItem']));
    for (const [file, history] of histories) await expect(replay(history), file).resolves.toBeUndefined();
  });

  it('fails for workflows that have changed', async () => {
    const names = ['apply', 'applyItem', 'applyPage', 'compensateItem'];
    const other = await bundled(names.map((name) => `export const ${name} = async () => null;`).join('\n'));
    for (const [file, history] of stored()) await expect(replay(history, other), file).rejects.toThrow();
  });
});

describe('stored histories', () => {
  it('are small and hold no path, no name of a machine and no credential', () => {
    for (const [file, history] of stored()) {
      const text = textsOf(history).join('\n');
      expect(text.length, file).toBeLessThan(400_000);
      for (const secret of [
        hostname(),
        homedir(),
        process.cwd(),
        '/node_modules/',
        'ghp_',
        'ghs_',
        'Bearer ',
      ])
        expect(text.includes(secret), `${file} holds ${secret}`).toBe(false);
      expect(text, file).toContain('acme');
    }
  });
});
