import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRepository } from '../../src/standards/diff.js';
import type { JsonObject } from '../../src/standards/model.js';
import { resolveRepository } from '../../src/standards/resolve.js';
import { applyToRepository } from './apply.js';
import { liveRepository, wantedRule } from './arbitraries.js';
import { documentOf } from './support.js';

const templates = { 't/a': 'a\n', 't/b': 'b\n' };

/** Rules that the loader would take: no two of the same reach. */
const rules = fc.uniqueArray(wantedRule, {
  minLength: 1,
  maxLength: 3,
  selector: ({ match, exclude, archived, with_topics }: JsonObject) =>
    JSON.stringify([match, exclude ?? [], archived ?? null, with_topics ?? []]),
});
/** Reach that the changes themselves could move is left out where a plan is made twice. */
const steadyRules = rules.map((all) =>
  all.map(({ archived: _archived, with_topics: _topics, ...rule }, index) => ({
    ...rule,
    match: [...(rule['match'] as string[]), `x${index}`],
  })),
);

describe('diffRepository, for any file and any repository', () => {
  it('leads to a state for which there is nothing to change', () => {
    let changed = 0;
    fc.assert(
      fc.property(steadyRules, liveRepository, (repositories, live) => {
        const document = documentOf({ repositories }, templates);
        const [organization] = document.organizations;
        const state = structuredClone(live);
        const wanted = organization && resolveRepository(organization, state);
        if (!wanted) return;
        const first = diffRepository('acme', wanted, state, document);
        if (first.item !== null) changed += 1;
        for (const change of first.item?.changes ?? []) applyToRepository(state, change);
        const second = diffRepository('acme', wanted, state, document);
        expect(second.item).toBeNull();
        expect(second.removals).toEqual({});
      }),
      { numRuns: 1_000 },
    );
    expect(changed).toBeGreaterThan(200);
  });

  it('changes nothing where before and after are the same, names each step once, and gives what is there as before', () => {
    fc.assert(
      fc.property(rules, liveRepository, (repositories, state) => {
        const document = documentOf({ repositories }, templates);
        const [organization] = document.organizations;
        const wanted = organization && resolveRepository(organization, state);
        if (!wanted) return;
        const { item, skipped } = diffRepository('acme', wanted, state, document);
        if (skipped) expect(item).toBeNull();
        const changes = item?.changes ?? [];
        expect(new Set(changes.map(({ step }) => step)).size).toBe(changes.length);
        for (const { before, after, kind, key, action } of changes) {
          expect(before).not.toEqual(after);
          if (kind === 'team_repository') expect(before).toBe(state.teams[key] ?? null);
          if (kind === 'topics') expect(before).toEqual(state.topics);
          if (kind === 'branch_protection') expect(before).toEqual(state.branch_protection[key] ?? null);
          if (kind === 'repository_settings')
            expect(Object.keys(before as object)).toEqual(Object.keys(after as object));
          if (kind === 'label')
            expect(action).toBe(before === null ? 'create' : after === null ? 'delete' : 'update');
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives the same for the same, whatever order lists are read in', () => {
    fc.assert(
      fc.property(rules, liveRepository, (repositories, state) => {
        const document = documentOf({ repositories }, templates);
        const [organization] = document.organizations;
        const wanted = organization && resolveRepository(organization, state);
        if (!wanted) return;
        const shuffled = {
          ...state,
          labels: state.labels.toReversed(),
          rulesets: state.rulesets.toReversed(),
        };
        expect(diffRepository('acme', wanted, shuffled, document)).toEqual(
          diffRepository('acme', wanted, state, document),
        );
      }),
      { numRuns: 300 },
    );
  });
});
