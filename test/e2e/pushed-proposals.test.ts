import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposalBranch } from '../../src/github/read/files.js';
import { cancelled, PROPOSED, type Proposals, startProposals } from '../support/proposals.js';
import { byHand } from '../support/repository-creation.js';
import type { System } from '../support/system.js';
import { reportOf } from '../support/trial.js';

const BRANCH = proposalBranch(PROPOSED);
const THEIRS = { changed: [`commits on ${BRANCH}`] };

describe('a proposal that somebody has pushed to', { timeout: 120_000 }, () => {
  let proposals: Proposals;
  let system: System;
  beforeAll(async () => {
    proposals = await startProposals(['graph', 'plain', 'stopped'], ['api']);
    ({ system } = proposals);
  });
  afterAll(() => system?.stop());

  const apply = (login: string, ...flags: string[]) => proposals.apply(login, ...flags);
  const push = (login: string) =>
    byHand(system, 'PUT', `/repos/${login}/api/contents/theirs.txt`, {
      branch: BRANCH,
      message: 'What it should say as well',
      content: Buffer.from('theirs').toString('base64'),
    });
  /** What is left of the proposal, and the setting that was changed beside it. */
  const left = (login: string) => {
    const { branches, threads, settings } = system.dump(login).repositories['api'] ?? {};
    const open = (threads as { state?: string }[] | undefined)?.filter(({ state }) => state === 'open');
    return { branch: branches?.[BRANCH] !== undefined, open: open?.length, wiki: settings?.['has_wiki'] };
  };

  it.each([
    ['graph', []],
    ['plain', ['--no-graphql']],
  ])('stays whole when the run on %s is rolled back, with --force too', async (login, flags) => {
    const { run } = reportOf(await apply(login, ...flags), 0);
    await push(login);
    // What was proposed is proposed still, so the same file asks for nothing.
    expect(reportOf(await apply(login, ...flags), 0).totals).toMatchObject({ inSync: 1, committed: 0 });
    for (const force of [[], ['--force']]) {
      const back = await system.orgsaga(['rollback', run, '--yes', '--json', ...force]);
      expect(reportOf(back, 5)).toMatchObject({
        state: 'Committed',
        conflicts: [{ item: `${login}/api`, field: '', found: THEIRS, stays: true }],
      });
      expect(left(login)).toEqual({ branch: true, open: 1, wiki: true });
    }
  });

  it('stays whole when the run itself is undone', async () => {
    const { cancel, watched } = await cancelled(proposals, 'stopped', async () => {
      await system.until('a proposal', () => left('stopped').open === 1);
      await push('stopped');
    });
    expect(cancel).toMatchObject({ code: 0 });
    expect(reportOf(watched, 5)).toMatchObject({
      state: 'Cancelled',
      conflicts: [{ item: 'stopped/api', field: '', found: THEIRS }],
    });
    expect(left('stopped')).toEqual({ branch: true, open: 1, wiki: true });
  });
});
