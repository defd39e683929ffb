import { describe, expect, it } from 'vitest';
import { forgiving, lostChanges } from '../campaign/engine/foreign.js';
import { findings } from '../support/checker.js';
import { before, doctored, effect, evidence, repository, rolledBack } from '../support/evidence.js';

const WIKI = { kind: 'repository.update', target: 'acme/repo-000', foreign: false };
/** `has_wiki` is on before and wanted off; each writes it so long after the start. */
const writes = (at: number, value: boolean, foreign = false) =>
  effect(at, { ...WIKI, at, foreign, before: { has_wiki: !value }, after: { has_wiki: value } });
const projects = (at: number, value: boolean, foreign: boolean) =>
  effect(at, { ...WIKI, at, foreign, before: { has_projects: !value }, after: { has_projects: value } });
const undone = (...entries: ReturnType<typeof effect>[]) =>
  evidence({ report: rolledBack, after: before, entries, audit: null, undisturbed: false });

describe('what the campaigns say of somebody else’s changes', () => {
  it('finds an undo that took one back', () => {
    const topics = { kind: 'repository.topics', target: 'acme/repo-000/topics' };
    const after = (n: number, was: string[], is: string[], foreign = false) =>
      effect(n, { ...topics, at: n, foreign, before: was, after: is });
    const story = undone(
      after(1, ['go'], ['go', 'managed']),
      after(2, ['go', 'managed'], ['drifted', 'go', 'managed'], true),
      after(9_000, ['drifted', 'go', 'managed'], ['go']),
    );
    expect(lostChanges(story)).toEqual([
      expect.stringMatching(/^foreign: .*topics.drifted of acme\/repo-000/),
    ]);
  });

  it('finds a write to a field that is not ours', () => {
    expect(lostChanges(undone(projects(1, true, true), projects(2, false, false)))).toHaveLength(1);
  });

  it('lets a forward write make a field ours again, and a write that was on its way', () => {
    const ours = writes(1, false);
    expect(lostChanges(undone(writes(0, true, true), ours, writes(9_000, true)))).toEqual([]);
    expect(lostChanges(undone(ours, writes(100, true, true), writes(200, false)))).toEqual([]);
  });

  it('forgives a field as somebody else left it, and no other', () => {
    const left = doctored(before, (copy) => {
      repository(copy).settings['has_projects'] = false;
    });
    const change = effect(1, {
      ...WIKI,
      foreign: true,
      before: { has_projects: true },
      after: { has_projects: false },
    });
    expect(findings(forgiving({ ...undone(change), after: left }))).toEqual([]);
    expect(findings(forgiving({ ...undone(), after: left }))).not.toEqual([]);
  });
});
