import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedBuildkite, startSimulatedBuildkite } from '../../src/dev/connectors/buildkite.js';
import { rejection } from '../activities/support.js';
import { type Bench, bench, ITEM, RUN, settle } from './bench.js';
import { TOKEN } from './systems.js';

const STEP = 'the_step';
const UNDONE = { status: 'done', value: { conflicts: [] } };

describe('a pipeline whose slug is not its name in lower case', () => {
  let server: SimulatedBuildkite;
  let at: Bench;
  beforeEach(async () => {
    server = await startSimulatedBuildkite(TOKEN);
    const env = { BUILDKITE_API_TOKEN: TOKEN, BUILDKITE_API_URL: server.url };
    const options = { organization: 'acme-ci', configuration: 'steps: []', name: 'Z--y-' };
    at = await bench(env, 'buildkite', options, { startToCloseMs: 5_000 });
  });
  afterEach(async () => {
    await at.close();
    await server.close();
  });
  const standing = (): string[] => [...server.pipelines.keys()];
  /** Makes it; where the answer is to be lost, nobody has looked yet. */
  const make = async (lost: boolean): Promise<void> => {
    if (!lost) return void (await at.run(STEP));
    server.fault({ method: 'POST', kind: 'reset', applied: true, times: 1 });
    await rejection(at.run(STEP));
    settle(at);
  };

  describe.each([
    ['was answered', false],
    ['was lost', true],
  ])('and whose making %s', (_, lost) => {
    it('is made, told by the slug that it has, and taken back by a rollback', async () => {
      await make(lost);
      expect(await at.run(STEP)).toMatchObject({ status: 'done', value: { effect: 'applied' } });
      expect(standing()).toEqual(['acme-ci/z-y']);
      expect(server.pipelines.get('acme-ci/z-y')).toMatchObject({ name: 'Z--y-' });
      expect(await at.store.getStepResult(RUN, ITEM, STEP)).toMatchObject({
        slug: 'z-y',
        web_url: 'https://buildkite.com/acme-ci/z-y',
      });
      expect(await at.takeBack(`${RUN}-rollback`, RUN)).toMatchObject(UNDONE);
      expect(standing()).toEqual([]);
    });

    it('is undone', async () => {
      await make(lost);
      expect(await at.undo(STEP)).toMatchObject(UNDONE);
      expect(standing()).toEqual([]);
    });

    it('is not taken for undone where that is refused', async () => {
      await make(lost);
      server.fault({ method: 'DELETE', kind: 'status', status: 403, body: { message: 'No.' } });
      expect(await rejection(at.undo(STEP))).toMatchObject({
        type: 'Refused',
        details: [{ code: 'forbidden' }],
      });
      expect(standing()).toEqual(['acme-ci/z-y']);
      server.clearFaults();
      expect(await at.undo(STEP)).toMatchObject(UNDONE);
      expect(standing()).toEqual([]);
    });

    it('stays where somebody has changed the slug', async () => {
      await make(lost);
      const made = server.pipelines.get('acme-ci/z-y');
      if (made === undefined) throw new Error('nothing was made');
      server.pipelines.clear();
      server.pipelines.set('acme-ci/zy', { ...made, slug: 'zy' });
      const conflict = { field: 'pipeline zy: slug', wrote: 'z-y', found: 'zy' };
      expect(await at.undo(STEP)).toMatchObject({ status: 'done', value: { conflicts: [conflict] } });
      expect(standing()).toEqual(['acme-ci/zy']);
    });
  });

  it('is known by the slug that Buildkite answered, should it not be the one that was sent', async () => {
    server.fault({ method: 'POST', kind: 'status', status: 201, body: { slug: 'other' } });
    await at.run(STEP);
    const sent = server.seen.find(({ method }) => method === 'POST')?.body as {
      name: string;
      repository: string;
      configuration: string;
    };
    server.pipelines.set('acme-ci/other', { ...sent, id: '1', slug: 'other' });
    expect(await at.undo(STEP)).toMatchObject(UNDONE);
    expect(standing()).toEqual([]);
  });
});
