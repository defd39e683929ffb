import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimulatedGitHub, seedDemo, startSimulatedGitHub } from '../../../src/dev/github/index.js';
import { compiled } from '../../support/compiled.js';
import { clientOf, dig } from './client.js';

describe('control over HTTP', () => {
  let github: SimulatedGitHub;
  let call: ReturnType<typeof clientOf>['call'];
  beforeAll(async () => {
    github = await startSimulatedGitHub({ seed: [seedDemo(30)], tokens: ['secret'], recordBodies: true });
    call = clientOf(github, null).call;
  });
  afterAll(() => github.close());

  it('shows the journal from a number on, without tokens', async () => {
    const { call: asUser } = clientOf(github);
    await asUser('PATCH /repos/acme/billing-api', { description: 'other' });
    const { body } = await call('GET /_sim/journal');
    expect(body).toMatchObject({
      entries: [
        { n: 1, type: 'request', status: 200, user_agent: 'test', points: 5, body: { description: 'other' } },
        {
          n: 2,
          type: 'effect',
          request: 1,
          kind: 'repository.update',
          after: { description: 'other' },
          foreign: false,
        },
      ],
      next: 2,
    });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(dig((await call('GET /_sim/journal?since=1')).body, 'entries')).toHaveLength(1);
    const effects = async (query: string) =>
      dig((await call(`GET /_sim/journal/effects?${query}`)).body, 'count');
    expect(await effects('organization=acme')).toBe(1);
    expect(await effects('organization=acme&since=2')).toBe(0);
    expect(await effects('organization=other')).toBe(0);
  });

  it('sets faults and takes them away', async () => {
    const { body } = await call('POST /_sim/faults', {
      match: { path: '/meta' },
      kind: 'status',
      status: 503,
    });
    expect((await call('GET /meta')).status).toBe(503);
    expect((await call('GET /_sim/faults')).body).toMatchObject([{ struck: 1 }]);
    await call(`DELETE /_sim/faults?id=${String(dig(body, 'ids', 0))}`);
    expect((await call('GET /meta')).status).toBe(200);
  });

  const drifted = async () => {
    await call('POST /_sim/reset', { demo: 30 });
    const before = (await call('GET /_sim/state')).body;
    const answer = await call('POST /_sim/drift', { organization: 'acme', fraction: 0.4, seed: 5 });
    return { before, changed: dig(answer.body, 'changed'), after: (await call('GET /_sim/state')).body };
  };

  it('drifts as a person would, the same under the same seed, and dumps the state', async () => {
    const first = await drifted();
    const effects = github.journal.effects();
    expect(first.changed).toBe(effects.length);
    expect(effects.length).toBeGreaterThan(4);
    expect(effects.every((effect) => effect.foreign && effect.changed && effect.request === null)).toBe(true);
    expect(first.after).not.toEqual(first.before);
    expect(await drifted()).toEqual(first);
  });

  it('says what there is where a control is not there', async () => {
    expect((await call('GET /_sim/nothing')).body).toMatchObject({ message: /GET journal/ });
    expect((await call('POST /_sim/drift', { organization: 'nobody', fraction: 1, seed: 1 })).status).toBe(
      404,
    );
  });
});

describe('the demo organisation', () => {
  it('is the same every time, and a believable mix', () => {
    const demo = seedDemo(60);
    expect(demo).toEqual(seedDemo(60));
    expect(demo).not.toEqual(seedDemo(60, { seed: 2 }));
    const repositories = demo.repositories ?? [];
    expect(new Set(repositories.map(({ name }) => name)).size).toBe(60);
    expect(repositories.filter(({ settings }) => settings?.['archived'])).toHaveLength(1);
    expect(repositories.filter(({ empty }) => empty)).toHaveLength(1);
    expect(repositories.filter(({ name }) => name.startsWith('legacy-'))).toHaveLength(5);
    expect(new Set(seedDemo(10_000).repositories?.map(({ name }) => name)).size).toBe(10_000);
  });
});

describe('a process of its own', () => {
  const program = compiled('src/dev/github/main.ts');
  let child: ChildProcess | undefined;
  afterAll(() => {
    child?.kill('SIGKILL');
    program.remove();
  });

  it('says where it is, serves, and ends on SIGTERM', async () => {
    child = spawn(process.execPath, [program.path, '--repos', '3'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout ?? process.stdin, 'data')) as [Buffer];
    const ready: unknown = JSON.parse(line.toString());
    expect(ready).toMatchObject({ ready: true });
    const { call } = clientOf({ url: String(dig(ready, 'url')) });
    expect((await call('GET /orgs/acme/repos')).body).toHaveLength(3);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
