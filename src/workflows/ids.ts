import { type ItemKind, itemKey, itemOfKey } from '../standards/item-key.js';

/** Under this name of the memo a run has its organisations: its search attribute has the first one alone. */
export const MEMO_ORGANIZATIONS = 'orgsagaOrganizations';

/** Workflow ids, readable in the Web UI: an item's is its run and its key. */
export const itemWorkflowId = (run: string, kind: ItemKind, item: string): string =>
  `${run}/${itemKey(kind, item)}`;

/** The inverse of {@link itemWorkflowId}; null for ids of other workflows. */
export function itemOfWorkflowId(workflowId: string): { run: string; item: string; kind: ItemKind } | null {
  const cut = workflowId.indexOf('/');
  if (cut < 0) return null;
  const known = itemOfKey(workflowId.slice(cut + 1));
  return known === null ? null : { run: workflowId.slice(0, cut), ...known };
}

const KINDS = ['repository', 'team', 'organization'] as const;

/** The workflows that an item of that name may have: more than one where a repository is called as a part of its organisation. */
export function workflowIdsOf(run: string, item: string): string[] {
  return KINDS.flatMap((kind) => {
    const id = itemWorkflowId(run, kind, item);
    // Pages, too, have a colon in their ids.
    return itemOfWorkflowId(id)?.kind === kind ? [id] : [];
  });
}

const UNDO = ':undo';

/** The workflow that undoes a committed item. */
export const compensateWorkflowId = (itemWorkflow: string): string => `${itemWorkflow}${UNDO}`;

/** The item's workflow, of its own id or that of its {@link compensateWorkflowId}. */
export const itemWorkflowOf = (workflowId: string): string =>
  workflowId.endsWith(UNDO) ? workflowId.slice(0, -UNDO.length) : workflowId;

/** The key of the item that a workflow makes or undoes. */
export function keyOfWorkflowId(workflowId: string): string {
  const item = itemWorkflowOf(workflowId);
  return item.slice(item.indexOf('/') + 1);
}

/** A page of repositories; counted from 1. */
export const pageWorkflowId = (run: string, organization: string, number: number): string =>
  `${run}/${organization}:page-${number}`;

/** A page of what is undone when a run is taken back in the run itself; counted from 1. */
export const undoPageWorkflowId = (run: string, organization: string, number: number): string =>
  `${run}/${organization}:undo-page-${number}`;

/** A page of items that a run names itself; counted from 1 through the whole run. */
export const itemsPageWorkflowId = (run: string, organization: string, number: number): string =>
  `${run}/${organization}:items-page-${number}`;

/**
 * A new run's id, e.g. `apply-acme-20261123-091500-4f2a`: sortable by eye, unique by its tail.
 * @param tail four or more characters of `[a-z0-9]`
 */
export function newRunId(kind: string, organizations: string[], at: Date, tail: string): string {
  const stamp = at.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const where =
    organizations.length === 1
      ? organizations[0]
      : `${organizations[0]}-and-${organizations.length - 1}-more`;
  return `${kind}-${where}-${stamp}-${tail}`;
}

/** The run that a request key stands for: the same key is always the same run. */
export const keyedRunId = (kind: string, organization: string, keyHash: string): string =>
  `${kind}-${organization}-key-${keyHash.slice(0, 16)}`;

/** How often a run may be rolled back, those that were undone themselves included. */
export const MOST_ROLLBACKS = 20;

/** The rollback of a run; counted from 1, a later one is needed only where an earlier one was undone or left something. */
export const rollbackRunId = (run: string, number: number): string =>
  number === 1 ? `${run}-rollback` : `${run}-rollback-${number}`;

/** How many rollbacks one of the other a run is, by its id: 0 for any other run, whose id ends with a part that is drawn by lot. */
export const rollbackDepth = (run: string): number =>
  (/(?:-rollback(?:-\d{1,3})?)+$/.exec(run)?.[0].match(/-rollback/g) ?? []).length;

/** The inverse of {@link rollbackRunId}: which rollback of the run it is; 0 where it is none. */
export function rollbackNumber(run: string, rollback: string): number {
  const first = rollbackRunId(run, 1);
  if (rollback === first) return 1;
  const number = Number(rollback.startsWith(`${first}-`) ? rollback.slice(first.length + 1) : Number.NaN);
  return number > 1 && rollbackRunId(run, number) === rollback ? number : 0;
}
