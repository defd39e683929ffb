import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { quoted } from '../runs.js';
import { type ParkedItem, parkedQuery, type RunStatus } from '../workflows/contract.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';
import { eachOf } from './find-letters.js';

/** A worker answers a query in well under this, milliseconds. */
const ANSWER_MS = 10_000;

/** Between two looks at an item that is being worked on, milliseconds. */
const LOOK_EVERY = 300;

/** Something of a run that is under way, and whether it was said to be parked. */
export interface UnderWay {
  workflowId: string;
  saidParked: boolean;
}

/** All of a run that is under way, by visibility, which is seconds stale. */
export async function* underWayOf(client: Client, run: string): AsyncGenerator<UnderWay> {
  const query = `${SEARCH_ATTRIBUTES.run.name} = ${quoted(run)} AND ExecutionStatus = "Running"`;
  for await (const { workflowId, typedSearchAttributes } of client.workflow.list({ query }))
    yield { workflowId, saidParked: typedSearchAttributes.get(SEARCH_ATTRIBUTES.state) === 'Parked' };
}

/** Workflows of a run that say by visibility, which is seconds stale, that they wait for a person; no worker is needed. */
export async function* saidParked(client: Client, run: string): AsyncGenerator<string> {
  const query = [
    `${SEARCH_ATTRIBUTES.run.name} = ${quoted(run)}`,
    `${SEARCH_ATTRIBUTES.state.name} = "Parked"`,
    `${SEARCH_ATTRIBUTES.kind.name} != "run"`,
    'ExecutionStatus = "Running"',
  ];
  for await (const { workflowId } of client.workflow.list({ query: query.join(' AND ') })) yield workflowId;
}

/**
 * Compensations of a run that wait for a person, whether the run is open, closed or was ended from outside: found by search,
 * and among `known` ones, and each confirmed by its own workflow.
 */
export async function waitingOf(
  client: Client,
  run: string,
  known: readonly ParkedItem[] = [],
): Promise<ParkedItem[]> {
  const ids = new Set(known.map(({ workflowId }) => workflowId));
  for await (const id of saidParked(client, run)) ids.add(id);
  const waiting = await eachOf([...ids], (id) => waitingAt(client, id));
  return waiting
    .filter((one) => one !== null)
    .toSorted((left, right) => left.workflowId.localeCompare(right.workflowId));
}

/** What an item waits with for a person; null where it waits for nobody, or has ended. */
export async function waitingAt(client: Client, workflowId: string): Promise<ParkedItem | null> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    // A closed workflow would answer as it was at its end.
    if ((await handle.describe()).status.name !== 'RUNNING') return null;
    return await client.withDeadline(Date.now() + ANSWER_MS, () => handle.query(parkedQuery));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** With what an open run's items have parked by now: their run and page hear of the first time only, and at the page's end. */
export async function parkedNow(client: Client, status: RunStatus): Promise<RunStatus> {
  const known = await eachOf(status.parked, async (one) => (await askAgain(client, one)) ?? one);
  const others = await waitingOf(client, status.run);
  const ids = new Set(known.map(({ workflowId }) => workflowId));
  return { ...status, parked: [...known, ...others.filter(({ workflowId }) => !ids.has(workflowId))] };
}

/** Null where it has closed meanwhile, or has no worker: what the run knows has to do. */
export async function askAgain(client: Client, { workflowId }: ParkedItem): Promise<ParkedItem | null> {
  try {
    return await client.workflow.getHandle(workflowId).query(parkedQuery);
  } catch {
    return null;
  }
}

/** Resolves when an item waits for a person, with what; or when it has ended or `signal` is aborted, with null. */
export async function untilParked(
  client: Client,
  workflowId: string,
  signal: AbortSignal | undefined,
): Promise<ParkedItem | null> {
  for (;;) {
    if (signal?.aborted === true) return null;
    const { status, typedSearchAttributes } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return null;
    if (typedSearchAttributes.get(SEARCH_ATTRIBUTES.state) === 'Parked') {
      const waiting = await waitingAt(client, workflowId);
      if (waiting !== null) return waiting;
    }
    await delay(LOOK_EVERY, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
