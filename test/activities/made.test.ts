import { describe, expect, it } from 'vitest';
import { NotYet, StepError } from '../../src/activities/answering.js';
import { MADE, newUntil, notYetWhileNew, pinned, withBranch } from '../../src/activities/made.js';
import { GitHubError } from '../../src/github/errors.js';
import type { MadeRepository } from '../../src/github/operations/made-repository.js';
import type { StepInput } from '../../src/workflows/contract.js';
import { anIntent } from '../support/an-intent.js';
import { rejection } from './support.js';

const made = {
  id: 7,
  node_id: 'R_7',
  default_branch: 'trunk',
  made_at: 1_000_000,
} as unknown as MadeRepository;
const target = { owner: 'acme', name: 'new', id: 0, node_id: '', default_branch: null };
const notFound = new GitHubError('not found', { kind: 'refused', status: 404 });

function deps(records: object[] = []) {
  const store = { recordsOfStep: async () => records } as never;
  return { store, now: () => 1_000_000 };
}

const input = (kind: string): StepInput => {
  const { change, ...intent } = anIntent();
  return { ...intent, graphql: true, readAt: 0, change: { ...change, kind } } as unknown as StepInput;
};

describe('what was made', () => {
  it('gives its ids to a target that has none, and to no other', () => {
    expect(pinned(target, made)).toEqual({ ...target, id: 7, node_id: 'R_7', default_branch: 'trunk' });
    expect(pinned({ ...target, id: 3 }, made).id).toBe(3);
    expect(pinned(target, null)).toEqual(target);
    expect(MADE).not.toContain('/');
  });

  it('names the default branch, and there has to be one', async () => {
    const change = { ...anIntent().change, kind: 'branch_protection' as const, key: '$default', after: {} };
    const named = await withBranch({} as never, { ...target, default_branch: 'trunk' }, change, 'undo');
    expect(named.key).toBe('trunk');
    const failed = await rejection(withBranch({} as never, target, change, 'do'));
    expect(failed.message).toContain('no branch to protect');
    expect(await withBranch({} as never, target, change, 'undo')).toBe(change);
  });
});

describe('a 404 about what is new', () => {
  it.each([notFound, new StepError('not found', 'refused', 'not_found', false)])(
    'is no answer yet: %s',
    (error) => {
      const answer = notYetWhileNew(error, 1_000_001, 1_000_000);
      expect(answer).toBeInstanceOf(NotYet);
      expect((answer as NotYet).until).toBe(1_001_000);
    },
  );

  it('is one when it is not new any more, and other failures are what they are', () => {
    expect(notYetWhileNew(notFound, 1_000_000, 1_000_000)).toBe(notFound);
    const forbidden = new GitHubError('no', { kind: 'refused', status: 403 });
    expect(notYetWhileNew(forbidden, 2_000_000, 1_000_000)).toBe(forbidden);
    const half = new StepError('not found', 'refused', 'not_found', true);
    expect(notYetWhileNew(half, 2_000_000, 1_000_000)).toBe(half);
  });

  it('is not one for 30 s after it was made, also where nobody has seen it since', async () => {
    expect(await newUntil(deps(), made, input('issue'))).toBe(1_030_000);
    const applied = { direction: 'do', outcome: 'applied', concludedAt: 500_000 };
    expect(await newUntil(deps([applied]), null, input('repository'))).toBe(530_000);
    expect(await newUntil(deps([{ ...applied, outcome: 'refused' }]), null, input('repository'))).toBe(0);
    expect(await newUntil(deps([applied]), null, input('issue'))).toBe(0);
  });
});
