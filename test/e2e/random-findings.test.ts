import { describe, expect, it } from 'vitest';
import { before, doctored, repository, totals } from '../support/evidence.js';
import type { OrganizationDump } from '../support/organization.js';
import { stateFindings, type Told, toldFindings, withoutHalfProposals } from '../support/random-findings.js';

const committed: Told = {
  run: 'run',
  state: 'Committed',
  reason: null,
  totals,
  deadLetters: [],
  parked: [],
  conflicts: [],
};
const letter = { item: 'acme/repo-000' } as Told['deadLetters'][number];
const conflict = { item: 'acme/repo-000' } as Told['conflicts'][number];

describe('what a random trial finds in what a command says', () => {
  it.each<[string, Partial<Told>, number]>([
    ['done', {}, 0],
    ['rolled back', { state: 'RolledBack' }, 3],
    ['cancelled', { state: 'Cancelled' }, 3],
    ['waiting for a person', { state: 'AwaitingOperator', deadLetters: [letter] }, 5],
    ['refused for the file', { state: 'Refused' }, 2],
  ])('is nothing where it fits: %s', (_, more, code) => {
    expect(toldFindings({ ...committed, ...more }, code)).toEqual([]);
  });

  it.each<[string, Partial<Told>, number]>([
    ['totals that do not add up', { totals: { ...totals, committed: 3 } }, 0],
    ['a conflict', { conflicts: [conflict] }, 5],
    ['success of a run that was rolled back', { state: 'RolledBack' }, 0],
    ['success of a run that was refused', { state: 'Refused' }, 0],
    ['success with letters', { state: 'AwaitingOperator', deadLetters: [letter] }, 0],
    ['an error of a run that is done', {}, 1],
  ])('is %s', (_, more, code) => {
    expect(toldFindings({ ...committed, ...more }, code)).toHaveLength(1);
  });
});

const BRANCHES = {
  id: 1,
  node_id: 'a',
  name: 'branches',
  enforcement: 'active',
  updated_at: '2026-01-01T00:00:00Z',
  rules: [{ type: 'deletion' }, { type: 'creation' }],
};

const wide = doctored(before, (copy) => {
  const one = repository(copy);
  one.rulesets = [BRANCHES];
  one.settings['description'] = null;
});

describe('what a random trial finds in an organisation', () => {
  it.each<[string, (copy: OrganizationDump) => void]>([
    [
      'a ruleset made again, its rules in another order',
      (copy) => {
        const again = { ...BRANCHES, id: 2, node_id: 'b', updated_at: '2026-02-02T00:00:00Z' };
        repository(copy).rulesets = [{ ...again, rules: BRANCHES.rules.toReversed() }];
      },
    ],
    [
      'an empty description for none',
      (copy) => {
        repository(copy).settings['description'] = '';
      },
    ],
    [
      'a pull request that was closed',
      (copy) => {
        repository(copy).threads.push({ state: 'closed' });
      },
    ],
    [
      'a member less of a team that was gone',
      (copy) => {
        Object.assign(copy.teams['maintainers'] ?? {}, { id: 99, members: {} });
      },
    ],
  ])('is nothing where that is all: %s', (_, change) => {
    expect(stateFindings(wide, doctored(wide, change), ['maintainers'])).toEqual([]);
  });

  it.each<[string, (copy: OrganizationDump) => void]>([
    [
      'settings.has_wiki: true -> false',
      (copy) => {
        repository(copy).settings['has_wiki'] = false;
      },
    ],
    [
      'rulesets.branches.rules',
      (copy) => {
        repository(copy).rulesets = [{ ...BRANCHES, rules: [] }];
      },
    ],
    [
      'labels.security.color',
      (copy) => {
        repository(copy).labels = [{ name: 'security', color: 'ffffff', description: 'Green' }];
      },
    ],
    [
      'teams.maintainers.members.lin',
      (copy) => {
        Object.assign(copy.teams['maintainers'] ?? {}, { members: {} });
      },
    ],
    [
      'teams.developers',
      (copy) => {
        delete copy.teams['developers'];
      },
    ],
  ])('is %s', (path, change) => {
    expect(stateFindings(wide, doctored(wide, change))).toEqual([expect.stringContaining(path)]);
  });

  it('is not the branch of a proposal that never came to be, and is that of one that did', () => {
    const proposed = doctored(wide, (copy) => {
      const one = repository(copy);
      Object.assign(one.branches, { 'orgsaga/half': {}, 'orgsaga/whole': {}, theirs: {} });
      one.threads.push({ state: 'open', head: 'orgsaga/whole' }, { state: 'closed', head: 'orgsaga/half' });
    });
    const left = repository(withoutHalfProposals(proposed)).branches;
    expect(Object.keys(left)).toEqual([...Object.keys(repository(wide).branches), 'orgsaga/whole', 'theirs']);
  });
});
