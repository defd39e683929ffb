import type { Client } from '@temporalio/client';
import { type RunState, WORKFLOWS } from '../workflows/contract.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';
import { eachOf, hasLetters } from './find-letters.js';
import { organizationsIn } from './organizations-in.js';
import { saidParked } from './parked.js';
import { sagaKindOf } from './saga.js';
import { endedFromOutside, stateFromOutside } from './untold.js';

/** One row of `orgsaga runs`. */
export interface RunSummary {
  run: string;
  kind: string;
  organizations: string[];
  state: RunState | null;
  /** Of one that was ended from outside: how, as its status says it. */
  phase?: string;
  startedAt: string;
  closedAt: string | null;
}

const USUAL_LIMIT = 50;

/** Runs that are looked at: the server promises no order, so that the newest are known only among all that are listed. */
const MOST_LISTED = 1_000;
/** Where one organisation's are asked for, runs among which they are looked for. */
const MOST_LOOKED_AT = 20_000;

/** Runs by visibility, newest first; visibility is seconds stale. */
export async function listRuns(
  client: Client,
  { organization, limit = USUAL_LIMIT }: { organization?: string; limit?: number },
): Promise<RunSummary[]> {
  const wanted = organization?.toLowerCase();
  let looked = 0;
  const runs: RunSummary[] = [];
  for await (const execution of client.workflow.list({
    query: `${SEARCH_ATTRIBUTES.kind.name} = "run"`,
    pageSize: MOST_LISTED,
  })) {
    const { workflowId: run, type: kind, status, typedSearchAttributes, startTime, closeTime } = execution;
    const organizations = organizationsIn(execution);
    looked += 1;
    if (looked > MOST_LOOKED_AT) break;
    // A search attribute has one organisation, a run may have several.
    if (wanted !== undefined && !organizations.some((login) => login.toLowerCase() === wanted)) continue;
    const phase = endedFromOutside(status.name);
    runs.push({
      run,
      kind: kind === WORKFLOWS.saga ? sagaKindOf(run) : kind,
      organizations,
      state: (typedSearchAttributes.get(SEARCH_ATTRIBUTES.state) as RunState | undefined) ?? null,
      ...(phase === null ? {} : { phase }),
      startedAt: startTime.toISOString(),
      closedAt: closeTime?.toISOString() ?? null,
    });
    if (runs.length >= MOST_LISTED) break;
  }
  const newest = runs
    .toSorted((left, right) => right.startedAt.localeCompare(left.startedAt))
    .slice(0, limit);
  return eachOf(newest, (run) => asItStands(client, run));
}

/** The last word of a run that was ended from outside is what it was doing then. */
async function asItStands(client: Client, summary: RunSummary): Promise<RunSummary> {
  if (summary.phase === undefined) return summary;
  const { done } = await saidParked(client, summary.run).next();
  const parked = done !== true;
  return { ...summary, state: stateFromOutside(parked, !parked && (await hasLetters(client, summary.run))) };
}
