import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelled, PROPOSED, type Proposals, startProposals } from '../support/proposals.js';
import { byHand } from '../support/repository-creation.js';
import type { System } from '../support/system.js';
import { reportOf } from '../support/trial.js';

const MERGED = { changed: ['proposal #1 was merged; revert it by hand'] };

const merged = (login: string) => ({ item: `${login}/api`, field: '', found: MERGED });

describe('a proposal that somebody has merged', { timeout: 120_000 }, () => {
  let proposals: Proposals;
  let system: System;
  beforeAll(async () => {
    proposals = await startProposals(['graph', 'stopped'], ['api', 'web']);
    ({ system } = proposals);
  });
  afterAll(() => system?.stop());

  const apply = (login: string, ...flags: string[]) => proposals.apply(login, ...flags);
  const rollBack = (run: string, ...flags: string[]) =>
    system.orgsaga(['rollback', run, '--yes', '--json', ...flags]);
  /** Somebody merges the proposal to one repository, and closes the one to the other. */
  const decide = async (login: string): Promise<void> => {
    await byHand(system, 'PUT', `/repos/${login}/api/pulls/1/merge`, {});
    await byHand(system, 'PATCH', `/repos/${login}/web/pulls/1`, { state: 'closed' });
  };
  const proposed = (login: string) =>
    Object.values(system.dump(login).repositories).flatMap(({ threads }) => threads as object[]).length;
  const wikis = (login: string) =>
    Object.values(system.dump(login).repositories).map(({ settings }) => settings['has_wiki']);

  it('stays and is told when the run is rolled back, with --force too, until it is reverted', async () => {
    const { run } = reportOf(await apply('graph'), 0);
    await decide('graph');
    for (const force of [[], ['--force']]) {
      expect(reportOf(await rollBack(run, ...force), 5)).toMatchObject({
        state: 'Committed',
        conflicts: [{ ...merged('graph'), stays: true }],
      });
      expect(wikis('graph')).toEqual([true, true]);
    }
    const { stdout } = await system.orgsaga(['status', `${run}-rollback`]);
    expect(stdout).toContain('proposal #1 was merged; revert it by hand');

    const there = await fetch(`${system.github.url}/repos/graph/api/contents/${PROPOSED}`, {
      headers: { authorization: 'Bearer e2e-token-of-nobody' },
    });
    const { sha } = (await there.json()) as { sha: string };
    await byHand(system, 'DELETE', `/repos/graph/api/contents/${PROPOSED}`, { message: 'Revert', sha });
    expect(reportOf(await rollBack(run, '--force'), 0)).toMatchObject({ conflicts: [] });
    expect(Object.keys(system.dump('graph').repositories['api']?.branches ?? {})).toEqual(['main']);
  });

  it('is told when the run itself is undone', async () => {
    const { cancel, watched } = await cancelled(proposals, 'stopped', async () => {
      await system.until('two proposals', () => proposed('stopped') === 2);
      await decide('stopped');
    });
    expect(cancel).toMatchObject({ code: 0 });
    expect(reportOf(watched, 5)).toMatchObject({ state: 'Cancelled', conflicts: [merged('stopped')] });
    expect(wikis('stopped')).toEqual([true, true]);
  });
});
