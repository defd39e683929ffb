import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { cameTooEarly } from '../client.js';
import { ApiError } from '../errors.js';
import {
  isAtRest,
  NO_REQUESTS,
  type ParkedItem,
  pageStatusQuery,
  type RunStatus,
  statusQuery,
  type Totals,
  WORKFLOWS,
} from '../workflows/contract.js';
import { addedUp } from '../workflows/totals.js';
import { asOfNow } from './ended-run.js';
import { parkedNow, waitingOf } from './parked.js';
import { takenBackBy, withRollback } from './rollback.js';
import { underWay } from './under-way.js';
import { endedFromOutside, stateFromOutside, untold } from './untold.js';

/** A worker that is there answers a query in well under this, milliseconds; the server itself would wait 30 s for one. */
const ANSWER_MS = 10_000;

/** Workflow types that are runs. */
const RUNS: readonly string[] = [WORKFLOWS.apply, WORKFLOWS.rollback, WORKFLOWS.saga];

/**
 * A run's status; or, of one that was ended from outside with nothing left to decide, what to say to who waits for it or steers it,
 * and what can be told of it still, which needs a worker.
 */
export type Look = { status: RunStatus } | { nothing: ApiError; told: () => Promise<RunStatus> };

/**
 * Where a run stands, with every compensation of it that waits for a person. `decided` are compensations that were decided
 * just now: what became of them is told although nothing of the run may wait any more.
 * @throws ApiError `not_found` where it is no run
 */
export async function lookAt(client: Client, run: string, decided: ParkedItem[] = []): Promise<Look> {
  const handle = client.workflow.getHandle(run);
  const described = await handle.describe();
  const { status, type } = described;
  if (!RUNS.includes(type)) throw new ApiError(`${run} is no run of orgsaga.`, 'not_found');
  const ended = endedFromOutside(status.name);
  if (ended !== null) return asItEnded(client, described, ended, decided);
  if (status.name === 'COMPLETED') {
    const last = (await handle.result()) as RunStatus;
    const now = await asOfNow(client, last, await waitingOf(client, run, last.parked));
    return { status: await withRollback(client, now) };
  }
  const now = await parkedNow(client, await ask(client, run));
  const [known, running] = await withPages(client, now);
  return { status: running.length === 0 ? known : { ...known, underWay: await underWay(client, running) } };
}

/** As {@link lookAt}, for one look of many at a run that is under way: what waits is searched for when it is at rest only. */
export async function glanceAt(client: Client, run: string, decided: ParkedItem[] = []): Promise<Look> {
  const { status, type } = await client.workflow.getHandle(run).describe();
  if (status.name === 'RUNNING' && RUNS.includes(type)) {
    const known = await ask(client, run);
    if (!isAtRest(known.state)) return { status: (await withPages(client, known))[0] };
  }
  return lookAt(client, run, decided);
}

function ask(client: Client, run: string): Promise<RunStatus> {
  return client.withDeadline(Date.now() + ANSWER_MS, () =>
    client.workflow.getHandle(run).query<RunStatus>(statusQuery),
  );
}

/** A run that was ended from outside says how far it had come; what it began has gone on since, and may wait for a person. */
async function asItEnded(
  client: Client,
  described: WorkflowExecutionDescription,
  ended: string,
  decided: ParkedItem[],
): Promise<Look> {
  const { workflowId: run } = described;
  const by = await takenBackBy(client, run);
  const advice = adviceOn(described, by);
  const waiting = await waitingOf(client, run, decided);
  const told = async (): Promise<RunStatus> => {
    const said = await lastSaid(client, described, decided);
    const now = await asOfNow(client, said, waiting);
    // A saga's compensation waits in the run itself, and nobody can decide on it any more.
    const lost = said.parked.filter(({ workflowId }) => workflowId === run);
    return {
      ...now,
      notes: [...now.notes, ...lost.map(({ step, reason }) => `was parked at ${step}: ${reason}`)],
      state: stateFromOutside(waiting.length > 0, now.deadLetters.length > 0),
      phase: ended,
      reason: waiting.length > 0 ? `${ended}; decide first what waits. ${advice}` : `${ended}. ${advice}`,
      pages: [],
      deadline: null,
      ...by,
    };
  };
  if (waiting.length + decided.length > 0) return { status: await told() };
  return { nothing: new ApiError(`Run ${run} was ${ended}. ${advice}`, 'wrong_state'), told };
}

function adviceOn(
  { workflowId: run, type }: WorkflowExecutionDescription,
  { rolledBackBy, rollback }: Awaited<ReturnType<typeof takenBackBy>>,
): string {
  if (rolledBackBy !== undefined) return `It has been rolled back by ${rolledBackBy}`;
  if (rollback !== undefined)
    return `Its rollback is under way, or could not take back all: orgsaga status ${rollback}`;
  if (type === WORKFLOWS.rollback)
    return `What is under way still ends. Roll that run back again, or bring forward what was taken back: orgsaga rollback ${run}`;
  const next =
    type === WORKFLOWS.saga
      ? 'What it has done stays; take it back'
      : 'Repositories under way still finish. Apply the file again with --wait, or take back what was done';
  return `${next}: orgsaga rollback ${run}`;
}

/** What a run that was ended from outside still says of itself, with the compensations that were decided just now. */
async function lastSaid(
  client: Client,
  described: WorkflowExecutionDescription,
  decided: ParkedItem[],
): Promise<RunStatus> {
  const said = await ask(client, described.workflowId).catch((error: unknown) => {
    if (cameTooEarly(error)) return untold(described);
    throw error;
  });
  const others = decided.filter(
    (one) => !said.parked.some(({ workflowId }) => workflowId === one.workflowId),
  );
  return { ...said, parked: [...said.parked, ...others] };
}

/** A run hears of a page when it ends; a watcher wants to see inside. With the workflows of the items under way. */
async function withPages(client: Client, status: RunStatus): Promise<[status: RunStatus, running: string[]]> {
  const pages = await Promise.all(
    status.pages.map(async (id) => {
      try {
        return await client.workflow.getHandle(id).query(pageStatusQuery);
      } catch {
        // It has ended meanwhile; the next look finds it in the run's own figures.
        return null;
      }
    }),
  );
  const totals = { ...status.totals };
  for (const name of Object.keys(totals) as (keyof Totals)[]) {
    for (const page of pages) totals[name] += page?.totals[name] ?? 0;
  }
  const requests = pages.reduce((sum, page) => addedUp(sum, page?.requests ?? NO_REQUESTS), status.requests);
  const durationMs = isAtRest(status.state) ? status.durationMs : Date.now() - Date.parse(status.startedAt);
  const running = [...(status.running ?? []), ...pages.flatMap((page) => page?.running ?? [])];
  return [{ ...status, totals, requests, durationMs: Math.max(durationMs, status.durationMs) }, running];
}
