import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { Config } from './config.js';
import { runSettings } from './config.js';
import type { PlannedItem } from './standards/model.js';
import {
  discardSignal,
  type ItemInput,
  type RunState,
  statusQuery,
  WORKFLOWS,
} from './workflows/contract.js';
import { itemWorkflowId, workflowIdsOf } from './workflows/ids.js';
import { searchAttributesOf } from './workflows/search-attributes.js';

/** A search attribute's value between quotes, so that no id can end the query early. */
export const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** A worker answers a query in well under this, milliseconds. */
const ANSWER_MS = 10_000;

/** Where a run that is still open stands; null where it has closed or is not known. */
export async function openStateOf(client: Client, run: string): Promise<RunState | null> {
  try {
    const handle = client.workflow.getHandle(run);
    if ((await handle.describe()).status.name !== 'RUNNING') return null;
    const { state } = await client.withDeadline(Date.now() + ANSWER_MS, () => handle.query(statusQuery));
    return state;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Tells a run to discard all its dead letters; false where it has closed. */
export async function dismissLetters(
  client: Client,
  run: string,
  discard: { actor: string; reason: string },
): Promise<boolean> {
  try {
    const handle = client.workflow.getHandle(run);
    if ((await handle.describe()).status.name !== 'RUNNING') return false;
    await handle.signal(discardSignal, { items: [], ...discard });
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Ends a dead letter that a newer run has put right: by its own run where that is open, else by itself. */
export async function supersedeLetter(
  client: Client,
  config: Config,
  letter: { run: string; item: string; kind: PlannedItem['kind'] },
  by: string,
): Promise<void> {
  const reason = `superseded by run ${by}`;
  try {
    await client.workflow
      .getHandle(letter.run)
      .signal(discardSignal, { items: [named(letter)], reason, actor: 'orgsaga' });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await discardItem(client, config, letter, { actor: 'orgsaga', reason });
  }
}

/** A letter as its run is to be told of it: by workflow id where another item may have its name. */
function named({ run, item, kind }: { run: string; item: string; kind: PlannedItem['kind'] }): string {
  return workflowIdsOf(run, item).length > 1 ? itemWorkflowId(run, kind, item) : item;
}

/** Starts an item's workflow in mode `discard`, which completes at once, so that its newest run is not failed. */
export async function discardItem(
  client: Client,
  config: Config,
  { run, item, kind }: { run: string; item: string; kind: PlannedItem['kind'] },
  discard: { actor: string; reason: string },
): Promise<void> {
  const organization = item.slice(0, item.indexOf('/'));
  const input: ItemInput = {
    run,
    organization,
    item,
    kind,
    mode: 'discard',
    planned: null,
    readAt: 0,
    actor: discard.actor,
    graphql: true,
    onFailure: 'rollback',
    settings: runSettings(config),
    discard,
    standalone: true,
  };
  await startItem(client, config, input);
}

/** Starts an item's workflow after its run has closed; one that is under way or already done is success. */
export async function startItem(client: Client, config: Config, input: ItemInput): Promise<void> {
  const { run, organization, kind, item } = input;
  try {
    await client.workflow.start(WORKFLOWS.item, {
      taskQueue: config.taskQueue,
      workflowId: itemWorkflowId(run, kind, item),
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      workflowIdConflictPolicy: 'USE_EXISTING',
      typedSearchAttributes: searchAttributesOf('item', organization, run, 'Running'),
      staticSummary: `${item}: ${input.mode === 'discard' ? 'discard' : 'retry'}`,
      args: [input],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
