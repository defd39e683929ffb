import type { PlannedItem } from '../standards/model.js';

/**
 * Workflow ids, readable in the Web UI. A colon can stand in no GitHub name, so what belongs to an organisation itself
 * never meets a repository of the same name: `RUN/acme/settings` is a repository, `RUN/acme:settings` is not.
 */
export function itemWorkflowId(run: string, kind: PlannedItem['kind'], item: string): string {
  if (kind === 'repository') return `${run}/${item}`;
  return `${run}/${item.replace('/', ':')}`;
}

/** The inverse of {@link itemWorkflowId}; null for ids of other workflows. */
export function itemOfWorkflowId(
  workflowId: string,
): { run: string; item: string; kind: PlannedItem['kind'] } | null {
  const cut = workflowId.indexOf('/');
  if (cut < 0) return null;
  const run = workflowId.slice(0, cut);
  const rest = workflowId.slice(cut + 1);
  const [organization, part, ...others] = rest.split(':');
  if (others.length > 0) return null;
  if (part === undefined) {
    return /^[^/:]+\/[^/:]+$/.test(rest) ? { run, item: rest, kind: 'repository' } : null;
  }
  if (organization === undefined || organization.includes('/')) return null;
  if (part === 'settings') return { run, item: `${organization}/settings`, kind: 'organization' };
  if (part.startsWith('teams/')) return { run, item: `${organization}/${part}`, kind: 'team' };
  return null;
}

/** The workflow that undoes a committed item. */
export const compensateWorkflowId = (itemWorkflow: string): string => `${itemWorkflow}:undo`;

/** A page of repositories; counted from 1. */
export const pageWorkflowId = (run: string, organization: string, number: number): string =>
  `${run}/${organization}:page-${number}`;

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
