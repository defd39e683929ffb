import { createHash } from 'node:crypto';
import { ApplicationFailure, type Client, WorkflowFailedError } from '@temporalio/client';
import type { LetterSelection, RetryOutcome } from '../api.js';
import type { Config } from '../config.js';
import { discardItem, quoted, startItem } from '../runs.js';
import {
  type DeadLetter,
  type DeadLetterDetail,
  discardUpdate,
  type ItemInput,
  type LettersAnswer,
  type RunStatus,
  retryUpdate,
  statusQuery,
} from '../workflows/contract.js';
import { itemOfWorkflowId } from '../workflows/ids.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';
import { isClosed } from './failures.js';
import type { Watched } from './watch.js';

/** A dead letter, and which of its workflow's runs has failed. */
interface Found {
  letter: DeadLetter;
  runId: string;
}

/** Items in one Update, and calls to the server at once. */
const MOST_ITEMS = 500;
const AT_ONCE = 20;

/** Dead letters over all runs: finding, retrying, discarding. */
export class LetterBox {
  constructor(
    private readonly client: Client,
    private readonly config: Config,
  ) {}

  /** By run and item. Visibility is seconds stale, so runs that are open are asked too, and each letter is confirmed. */
  async list(run?: string): Promise<DeadLetter[]> {
    return (await this.find(run)).map(({ letter }) => letter);
  }

  async retry(
    selection: LetterSelection,
    watch: (run: string) => Promise<Watched>,
    signal?: AbortSignal,
  ): Promise<RetryOutcome> {
    const { chosen, refused } = await this.choose(selection);
    const outcome: RetryOutcome = { accepted: [], refused, succeeded: [], failed: [] };
    for (const [run, found] of byRun(chosen)) {
      const answer = await this.retryInRun(run, found);
      if (answer === null) await this.retryAlone(found, outcome);
      else await this.settle(run, answer, outcome, watch);
      if (signal?.aborted === true) break;
    }
    return outcome;
  }

  async discard(selection: LetterSelection, reason: string): Promise<LettersAnswer> {
    const { chosen, refused } = await this.choose(selection);
    const outcome: LettersAnswer = { accepted: [], refused };
    const { actor } = this.config;
    for (const [run, found] of byRun(chosen)) {
      const items = found.map(({ letter }) => letter.item);
      for (const part of chunks(items, MOST_ITEMS)) {
        const answer = await this.update(
          run,
          discardUpdate,
          { items: part, actor, reason },
          updateId('discard', found),
        );
        if (answer === null) {
          await eachOf(found, ({ letter }) =>
            discardItem(this.client, this.config, keyOf(letter), { actor, reason }),
          );
          outcome.accepted.push(...part);
        } else {
          outcome.accepted.push(...answer.accepted);
          outcome.refused.push(...answer.refused);
        }
      }
    }
    return outcome;
  }

  private async choose({
    run,
    items,
  }: LetterSelection): Promise<{ chosen: Found[]; refused: LettersAnswer['refused'] }> {
    const all = await this.find(run);
    if (items.length === 0) return { chosen: all, refused: [] };
    const chosen = all.filter(({ letter }) => items.includes(letter.item));
    const there = new Set(chosen.map(({ letter }) => letter.item));
    const refused = items
      .filter((item) => !there.has(item))
      .map((item) => ({ item, reason: run === undefined ? 'no dead letter' : `no dead letter of ${run}` }));
    return { chosen, refused };
  }

  private async find(run: string | undefined): Promise<Found[]> {
    const ids = new Set<string>();
    const failed = [`${SEARCH_ATTRIBUTES.kind.name} = "item"`, 'ExecutionStatus = "Failed"', ...ofRun(run)];
    for await (const { workflowId } of this.client.workflow.list({ query: failed.join(' AND ') }))
      ids.add(workflowId);
    for (const letter of await this.reported(run)) ids.add(letter.workflowId);
    const found = await eachOf([...ids], (id) => this.confirm(id));
    return found
      .filter((one) => one !== null)
      .sort((left, right) => left.letter.workflowId.localeCompare(right.letter.workflowId));
  }

  /** What open runs say themselves. */
  private async reported(run: string | undefined): Promise<DeadLetter[]> {
    const open = [`${SEARCH_ATTRIBUTES.kind.name} = "run"`, 'ExecutionStatus = "Running"', ...ofRun(run)];
    const runs: string[] = run === undefined ? [] : [run];
    if (run === undefined) {
      for await (const { workflowId } of this.client.workflow.list({ query: open.join(' AND ') }))
        runs.push(workflowId);
    }
    const statuses = await eachOf(runs, async (id): Promise<RunStatus | null> => {
      try {
        return await this.client.workflow.getHandle(id).query(statusQuery);
      } catch {
        // Closed, unknown or without a worker: what has failed is found by visibility.
        return null;
      }
    });
    return statuses.flatMap((status) => status?.deadLetters ?? []);
  }

  /** The one rule: an item whose newest workflow has not failed is no dead letter. */
  private async confirm(workflowId: string): Promise<Found | null> {
    const handle = this.client.workflow.getHandle(workflowId);
    const { status, runId } = await handle.describe();
    if (status.name !== 'FAILED') return null;
    try {
      await this.client.workflow.getHandle(workflowId, runId).result();
      return null;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      return { runId, letter: letterOf(error, workflowId) };
    }
  }

  private async retryInRun(run: string, found: Found[]): Promise<LettersAnswer | null> {
    const answer: LettersAnswer = { accepted: [], refused: [] };
    for (const part of chunks(found, MOST_ITEMS)) {
      const items = part.map(({ letter }) => letter.item);
      const { actor } = this.config;
      const told = await this.update(run, retryUpdate, { items, actor }, updateId('retry', part));
      if (told === null) return null;
      answer.accepted.push(...told.accepted);
      answer.refused.push(...told.refused);
    }
    return answer;
  }

  private async settle(
    run: string,
    answer: LettersAnswer,
    outcome: RetryOutcome,
    watch: (run: string) => Promise<Watched>,
  ): Promise<void> {
    outcome.accepted.push(...answer.accepted);
    outcome.refused.push(...answer.refused);
    const watched = await watch(run);
    if (watched.ended !== 'at_rest') return;
    const dead = new Map(watched.status.deadLetters.map((letter) => [letter.item, letter]));
    for (const item of answer.accepted) {
      const letter = dead.get(item);
      if (letter === undefined) outcome.succeeded.push(item);
      else outcome.failed.push(letter);
    }
  }

  /** Of a run that has closed: each item's workflow is started by itself. */
  private async retryAlone(found: Found[], outcome: RetryOutcome): Promise<void> {
    await eachOf(found, async ({ letter, runId }) => {
      const input = await this.inputOf(letter.workflowId, runId);
      await startItem(this.client, this.config, { ...input, mode: 'apply', planned: null, standalone: true });
      outcome.accepted.push(letter.item);
      try {
        await this.client.workflow.getHandle(letter.workflowId).result();
        outcome.succeeded.push(letter.item);
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        outcome.failed.push(letterOf(error, letter.workflowId));
      }
    });
  }

  /** What the item's workflow was started with, from the first event of its history. */
  private async inputOf(workflowId: string, runId: string): Promise<ItemInput> {
    const { events } = await this.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const payloads = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const { payloadConverter } = this.client.options.loadedDataConverter;
    const codecs = this.client.options.loadedDataConverter.payloadCodecs;
    let decoded = payloads;
    for (const codec of codecs) decoded = await codec.decode(decoded);
    const [first] = decoded;
    if (first === undefined) throw new Error(`the history of ${workflowId} has no input`);
    return payloadConverter.fromPayload<ItemInput>(first);
  }

  private async update<Argument>(
    run: string,
    definition: typeof retryUpdate | typeof discardUpdate,
    argument: Argument,
    id: string,
  ): Promise<LettersAnswer | null> {
    try {
      const handle = this.client.workflow.getHandle(run);
      return (await handle.executeUpdate(
        definition as never,
        { args: [argument], updateId: id } as never,
      )) as LettersAnswer;
    } catch (error) {
      if (isClosed(error)) return null;
      throw error;
    }
  }
}

const ofRun = (run: string | undefined): string[] =>
  run === undefined ? [] : [`${SEARCH_ATTRIBUTES.run.name} = ${quoted(run)}`];

function letterOf(error: WorkflowFailedError, workflowId: string): DeadLetter {
  const { cause } = error;
  const detail =
    cause instanceof ApplicationFailure ? (cause.details?.[0] as DeadLetterDetail | undefined) : undefined;
  if (detail?.letter !== undefined) return detail.letter;
  const at = new Date().toISOString();
  const known = itemOfWorkflowId(workflowId);
  return {
    item: known?.item ?? workflowId,
    run: known?.run ?? workflowId,
    step: 'workflow',
    reason: cause?.message ?? error.message,
    attempts: 1,
    firstFailedAt: at,
    lastFailedAt: at,
    workflowId,
    finishedSteps: [],
  };
}

function keyOf(letter: DeadLetter) {
  return {
    run: letter.run,
    item: letter.item,
    kind: itemOfWorkflowId(letter.workflowId)?.kind ?? 'repository',
  } as const;
}

function byRun(found: Found[]): Map<string, Found[]> {
  const runs = new Map<string, Found[]>();
  for (const one of found) runs.set(one.letter.run, [...(runs.get(one.letter.run) ?? []), one]);
  return runs;
}

/** The same letters asked for twice at once are one Update: the second is given the first one's answer. */
function updateId(verb: string, found: Found[]): string {
  const named = found.map(({ letter, runId }) => `${letter.workflowId} ${runId}`).sort();
  return `${verb}-${createHash('sha256').update(named.join('\n')).digest('hex').slice(0, 32)}`;
}

function chunks<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

async function eachOf<T, R>(all: T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const part of chunks(all, AT_ONCE)) results.push(...(await Promise.all(part.map(work))));
  return results;
}
