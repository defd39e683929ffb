import { ApplicationFailure, type Client, WorkflowFailedError } from '@temporalio/client';
import { quoted } from '../runs.js';
import type { Conflict } from '../transaction/journal.js';
import {
  type DeadLetter,
  type DeadLetterDetail,
  type LettersAnswer,
  type RunStatus,
  statusQuery,
} from '../workflows/contract.js';
import { itemOfWorkflowId, workflowIdsOf } from '../workflows/ids.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';
import { Aftermath, type Became, statusAt } from './became.js';
import type { Named } from './retry-outcome.js';

/** A dead letter, and which of its workflow's runs has failed. */
export interface Found {
  letter: DeadLetter;
  runId: string;
  /** What its undo had to leave. */
  conflicts: Conflict[];
}

/** Dead letters, and items that were some and are being worked on. */
export interface Letters {
  found: Found[];
  underWay: Named[];
}

/** Calls to the server at once. */
const AT_ONCE = 20;

/**
 * Dead letters of a run, or of all. Visibility is seconds stale, so runs that are open are asked too, and each letter is
 * confirmed by its workflow.
 */
export async function findLetters(client: Client, run: string | undefined): Promise<Letters> {
  const ids = new Set(await onceFailed(client, run));
  for (const letter of await reported(client, run)) ids.add(letter.workflowId);
  const looks = await eachOf([...ids].toSorted(byText), (id) => lookAtLetter(client, id));
  return {
    found: looks.flatMap((look) => (look !== null && 'letter' in look ? [look] : [])),
    underWay: looks.flatMap((look) => (look !== null && 'item' in look ? [look] : [])),
  };
}

/** Of a selection its letters, the names that are none, and what is being worked on. */
export interface Chosen {
  chosen: Found[];
  refused: LettersAnswer['refused'];
  underWay: Named[];
}

/** All where no item is named. */
export function chosenOf(
  { found, underWay }: Letters,
  { run, items }: { run?: string; items: string[] },
): Chosen {
  if (items.length === 0) return { chosen: found, refused: [], underWay };
  // GitHub's names have no case.
  const wanted = new Set(items.map((item) => item.toLowerCase()));
  const chosen = found.filter(({ letter }) => wanted.has(letter.item.toLowerCase()));
  const there = new Set(chosen.map(({ letter }) => letter.item.toLowerCase()));
  const refused = items
    .filter((item) => !there.has(item.toLowerCase()))
    .map((item) => ({ item, reason: run === undefined ? 'no dead letter' : `no dead letter of ${run}` }));
  return { chosen, refused, underWay: underWay.filter(({ item }) => wanted.has(item.toLowerCase())) };
}

const byText = (left: string, right: string): number => left.localeCompare(right);

/** Whether a run has dead letters, by visibility and the items' workflows; no worker is needed. */
export async function hasLetters(client: Client, run: string): Promise<boolean> {
  const found = await eachOf(await onceFailed(client, run), (id) => confirmLetter(client, id));
  return found.some((one) => one !== null);
}

/** Workflows of items that have failed at least once, the newest first. */
async function onceFailed(client: Client, run: string | undefined): Promise<string[]> {
  const failed = [`${SEARCH_ATTRIBUTES.kind.name} = "item"`, DEAD_QUERY, ...ofRun(run)];
  const found: { workflowId: string; at: number }[] = [];
  for await (const { workflowId, closeTime } of client.workflow.list({ query: failed.join(' AND ') }))
    found.push({ workflowId, at: closeTime?.getTime() ?? 0 });
  return found.toSorted((left, right) => right.at - left.at).map(({ workflowId }) => workflowId);
}

/** What open runs say themselves. */
async function reported(client: Client, run: string | undefined): Promise<DeadLetter[]> {
  const open = [`${SEARCH_ATTRIBUTES.kind.name} = "run"`, 'ExecutionStatus = "Running"', ...ofRun(run)];
  const runs: string[] = run === undefined ? [] : [run];
  if (run === undefined) {
    for await (const { workflowId } of client.workflow.list({ query: open.join(' AND ') }))
      runs.push(workflowId);
  }
  const statuses = await eachOf(runs, async (id): Promise<RunStatus | null> => {
    try {
      return await client.workflow.getHandle(id).query(statusQuery);
    } catch {
      // Closed, unknown or without a worker: what has failed is found by visibility.
      return null;
    }
  });
  return statuses.flatMap((status) => status?.deadLetters ?? []);
}

/** How a dead letter's workflow ended: it failed, or somebody ended it, and what it left is then to be looked at. */
const DEAD: readonly string[] = ['FAILED', 'TERMINATED', 'TIMED_OUT'];
const DEAD_QUERY = 'ExecutionStatus IN ("Failed", "Terminated", "TimedOut")';

/** The one rule: an item whose newest workflow has not failed is no dead letter. */
export async function confirmLetter(client: Client, workflowId: string): Promise<Found | null> {
  const look = await lookAtLetter(client, workflowId);
  return look !== null && 'letter' in look ? look : null;
}

/** A dead letter, or that it is being worked on, which one that waits for a person is not; else null. */
async function lookAtLetter(client: Client, workflowId: string): Promise<Found | Named | null> {
  const handle = client.workflow.getHandle(workflowId);
  const { status, runId, typedSearchAttributes } = await handle.describe();
  if (status.name === 'RUNNING' && typedSearchAttributes.get(SEARCH_ATTRIBUTES.state) !== 'Parked')
    return { item: itemOfWorkflowId(workflowId)?.item ?? workflowId, workflowId };
  if (!DEAD.includes(status.name)) return null;
  try {
    await client.workflow.getHandle(workflowId, runId).result();
    return null;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { runId, letter: letterOf(error, workflowId), conflicts: detailOf(error)?.conflicts ?? [] };
  }
}

/** Those items whose workflow has completed, and how: of a run, or else of the newest run in which each was a dead letter. */
export async function completedItems(
  client: Client,
  run: string | undefined,
  items: string[],
): Promise<Map<string, Became>> {
  const completed = new Map<string, Became>();
  if (items.length === 0) return completed;
  const failed = run === undefined ? await onceFailed(client, run) : [];
  const idsOf = (item: string) => (run === undefined ? newestOf(failed, item) : workflowIdsOf(run, item));
  const aftermath = new Aftermath(client);
  await eachOf(items, async (item) => {
    for (const id of idsOf(item)) {
      const became = await aftermath.becameOf(id);
      // Of two that have one name, the one that is not done is told.
      if (became !== null && (became !== 'done' || !completed.has(item))) completed.set(item, became);
    }
  });
  return completed;
}

/** An item's first workflow in a list; of a repository and a part of its organisation that have one name, the first of each. */
function newestOf(ids: readonly string[], item: string): string[] {
  const ofKind = new Map<string, string>();
  for (const id of ids) {
    const found = itemOfWorkflowId(id);
    if (found?.item.toLowerCase() === item.toLowerCase() && !ofKind.has(found.kind))
      ofKind.set(found.kind, id);
  }
  return [...ofKind.values()];
}

/** Those items that are being worked on now, e.g. because somebody else retries them, each with its workflow. */
export async function itemsUnderWay(
  client: Client,
  run: string | undefined,
  items: string[],
): Promise<Named[]> {
  const wanted = new Map(items.map((item) => [item.toLowerCase(), item]));
  const running = [`${SEARCH_ATTRIBUTES.kind.name} = "item"`, 'ExecutionStatus = "Running"', ...ofRun(run)];
  const candidates = new Set<string>();
  if (run !== undefined) {
    for (const id of items.flatMap((item) => workflowIdsOf(run, item))) candidates.add(id);
  } else if (items.length > 0) {
    for await (const { workflowId } of client.workflow.list({ query: running.join(' AND ') }))
      candidates.add(workflowId);
  }
  const found = await eachOf([...candidates], async (workflowId) => {
    const item = wanted.get(itemOfWorkflowId(workflowId)?.item.toLowerCase() ?? '');
    return item !== undefined && (await statusAt(client, workflowId)) === 'RUNNING'
      ? [{ item, workflowId }]
      : [];
  });
  return found.flat();
}

const ofRun = (run: string | undefined): string[] =>
  run === undefined ? [] : [`${SEARCH_ATTRIBUTES.run.name} = ${quoted(run)}`];

/** What a failed item's workflow says of itself in its failure. */
export function letterOf(error: WorkflowFailedError, workflowId: string): DeadLetter {
  const letter = detailOf(error)?.letter;
  if (letter !== undefined) return letter;
  const why = error.cause?.message ?? error.message;
  const at = new Date().toISOString();
  const known = itemOfWorkflowId(workflowId);
  return {
    item: known?.item ?? workflowId,
    run: known?.run ?? workflowId,
    step: 'workflow',
    reason: `its workflow ended from outside (${why}); look at what it left before a retry`,
    attempts: 1,
    firstFailedAt: at,
    lastFailedAt: at,
    workflowId,
    finishedSteps: [],
  };
}

function detailOf({ cause }: WorkflowFailedError): DeadLetterDetail | undefined {
  return cause instanceof ApplicationFailure
    ? (cause.details?.[0] as DeadLetterDetail | undefined)
    : undefined;
}

export function chunks<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

/** Asks the server for each, a few at a time; answers in order. */
export async function eachOf<T, R>(all: T[], work: (one: T) => Promise<R>, atOnce = AT_ONCE): Promise<R[]> {
  const results: R[] = [];
  for (const part of chunks(all, atOnce)) results.push(...(await Promise.all(part.map(work))));
  return results;
}

/** What an item's workflow is found by. */
export function keyOf(letter: DeadLetter) {
  return {
    run: letter.run,
    item: letter.item,
    kind: itemOfWorkflowId(letter.workflowId)?.kind ?? 'repository',
  } as const;
}

/** Letters of the same run together. */
export function byRun(found: Found[]): Map<string, Found[]> {
  const runs = new Map<string, Found[]>();
  for (const one of found) runs.set(one.letter.run, [...(runs.get(one.letter.run) ?? []), one]);
  return runs;
}
