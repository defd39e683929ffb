import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemKey } from '../../src/standards/item-key.js';
import {
  compensateWorkflowId,
  itemOfWorkflowId,
  itemWorkflowId,
  keyedRunId,
  keyOfWorkflowId,
  newRunId,
  pageWorkflowId,
  rollbackNumber,
  rollbackRunId,
  workflowIdsOf,
} from '../../src/workflows/ids.js';

const text = (characters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters.split('')), minLength: 1, maxLength });
const login = text('abcXYZ019-', 12);
const name = fc.oneof(text('abcXYZ019-_.', 12), fc.constantFrom('settings', 'teams', 'undo', 'page-1'));
const slug = text('abcxyz019-_', 12);
const run = text('abcxyz019-', 20);

const item = fc.oneof(
  fc
    .tuple(login, name)
    .map(([owner, repository]) => ({ kind: 'repository' as const, item: `${owner}/${repository}` })),
  login.map((owner) => ({ kind: 'organization' as const, item: `${owner}/settings` })),
  fc.tuple(login, slug, fc.constantFrom('', '/create')).map(([owner, team, phase]) => ({
    kind: 'team' as const,
    item: `${owner}/teams/${team}${phase}`,
  })),
);

describe('workflow ids', () => {
  it('of items have an inverse', () => {
    fc.assert(
      fc.property(run, item, (of, { kind, item: named }) => {
        expect(itemOfWorkflowId(itemWorkflowId(of, kind, named))).toEqual({ run: of, kind, item: named });
      }),
    );
  });

  it('of two things are never the same', () => {
    fc.assert(
      fc.property(run, item, item, login, (of, one, other, owner) => {
        const ids = new Set<string>();
        const things = new Set<string>();
        for (const { kind, item: named } of [one, other]) {
          const id = itemWorkflowId(of, kind, named);
          ids.add(id).add(compensateWorkflowId(id));
          things.add(`${kind} ${named}`).add(`undo ${kind} ${named}`);
        }
        ids.add(pageWorkflowId(of, owner, 1));
        expect(ids.size).toBe(things.size + 1);
      }),
    );
  });

  it('of pages and compensations are no items', () => {
    fc.assert(
      fc.property(run, item, login, (of, { kind, item: named }, owner) => {
        expect(itemOfWorkflowId(compensateWorkflowId(itemWorkflowId(of, kind, named)))).toBeNull();
        expect(itemOfWorkflowId(pageWorkflowId(of, owner, 7))).toBeNull();
        expect(itemOfWorkflowId(of)).toBeNull();
      }),
    );
  });

  it('tell the key of the item that they make or undo', () => {
    fc.assert(
      fc.property(run, item, (of, { kind, item: named }) => {
        const id = itemWorkflowId(of, kind, named);
        expect(keyOfWorkflowId(id)).toBe(itemKey(kind, named));
        expect(keyOfWorkflowId(compensateWorkflowId(id))).toBe(itemKey(kind, named));
      }),
    );
  });

  it('of a name are several where it may be that of a repository and of a part of its organisation', () => {
    expect(workflowIdsOf('r1', 'acme/settings')).toEqual(['r1/acme/settings', 'r1/acme:settings']);
    expect(workflowIdsOf('r1', 'acme/api')).toEqual(['r1/acme/api']);
    expect(workflowIdsOf('r1', 'acme/page-1')).toEqual(['r1/acme/page-1']);
    expect(workflowIdsOf('r1', 'acme/teams/core')).toEqual(['r1/acme:teams/core']);
  });

  it('of runs say when and where, and the same key is the same run', () => {
    const at = new Date('2026-11-23T09:15:00.123Z');
    expect(newRunId('apply', ['acme'], at, '4f2a')).toBe('apply-acme-20261123-091500-4f2a');
    expect(newRunId('apply', ['acme', 'b', 'c'], at, '4f2a')).toBe(
      'apply-acme-and-2-more-20261123-091500-4f2a',
    );
    expect(keyedRunId('apply', 'acme', 'f'.repeat(64))).toBe(keyedRunId('apply', 'acme', 'f'.repeat(64)));
  });

  it('of rollbacks name the run that they take back', () => {
    expect([1, 2, 3].map((number) => rollbackRunId('apply-acme-1', number))).toEqual([
      'apply-acme-1-rollback',
      'apply-acme-1-rollback-2',
      'apply-acme-1-rollback-3',
    ]);
    const numbers = ['rollback', 'rollback-3', 'rollback-1', 'rollback-03', 'rollback-rollback', 'x'].map(
      (tail) => rollbackNumber('apply-acme-1', `apply-acme-1-${tail}`),
    );
    expect(numbers).toEqual([1, 3, 0, 0, 0, 0]);
  });
});
