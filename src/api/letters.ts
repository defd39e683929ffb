import type { Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { Config } from '../config.js';
import { discardItem, startItem } from '../runs.js';
import { type DeadLetter, discardUpdate, type LettersAnswer, retryUpdate } from '../workflows/contract.js';
import { inStages, isOneByOne, type Order, orderOf, stageOf, stagesOf } from '../workflows/stages.js';
import { Aftermath, type Became } from './became.js';
import { isClosed } from './failures.js';
import {
  byRun,
  type Chosen,
  chosenOf,
  chunks,
  completedItems,
  confirmLetter,
  eachOf,
  type Found,
  findLetters,
  itemsUnderWay,
  keyOf,
  type Letters,
} from './find-letters.js';
import { itemInputOf } from './item-input.js';
import { type Joined, joinItem } from './join-item.js';
import { type Named, type RetryOutcome, RetryTally, refusedAs } from './retry-outcome.js';
import type { Watched } from './watch.js';

/** Which dead letters are meant: of one run or of all, named items or all. */
export interface LetterSelection {
  run?: string;
  /** `owner/name`; empty means all. */
  items: string[];
}

/** How it came to rest; null where that was not waited for. */
type Ended = Named & { joined: Joined | null };

/** Items in one Update. */
const MOST_ITEMS = 500;

/** Dead letters over all runs: finding, retrying, discarding. */
export class LetterBox {
  constructor(
    private readonly client: Client,
    private readonly config: Config,
  ) {}

  /** By run and item. Visibility is seconds stale, so runs that are open are asked too, and each letter is confirmed. */
  async list(run?: string): Promise<DeadLetter[]> {
    return (await this.find(run)).found.map(({ letter }) => letter);
  }

  async retry(
    selection: LetterSelection,
    watch: (run: string) => Promise<Watched>,
    signal?: AbortSignal,
  ): Promise<RetryOutcome> {
    const { chosen, refused, ...all } = await this.choose(selection);
    const unknown = refused.map(({ item }) => item);
    const completed = await completedItems(this.client, selection.run, unknown);
    // One that is named may be under way without ever having been a dead letter.
    const named = await itemsUnderWay(this.client, selection.run, unknown);
    const underWay = selection.items.length === 0 ? all.underWay : named;
    const busy = new Set(underWay.map(({ item }) => item));
    // Where two have one name, one of them may be under way yet.
    const done = unknown.filter((item) => completed.get(item) === 'done' && !busy.has(item));
    const tally = new RetryTally();
    tally.accepted.push(...done, ...underWay.map(({ item }) => item));
    tally.succeeded.push(...done);
    for (const one of refused)
      if (!tally.accepted.includes(one.item)) tally.refuse(refusedAs(one, completed.get(one.item)));
    for (const [run, some] of byRun(chosen)) {
      const found = inStages(some, ({ letter }) => stageOf(letter), orderOf(run));
      const answer = await this.retryInRun(run, found);
      if (answer === null) await this.retryAlone(found, orderOf(run), tally, signal);
      else await this.settle(found, await this.takeIn(answer, found, tally), tally, () => watch(run));
      if (signal?.aborted === true) break;
    }
    if (signal?.aborted !== true)
      await this.conclude(await eachOf(underWay, (one) => this.join(one, signal)), tally);
    return tally.outcome();
  }

  async discard(selection: LetterSelection, reason: string): Promise<LettersAnswer> {
    const { chosen, refused, underWay } = await this.choose(selection);
    const busy = new Set(underWay.map(({ item }) => item.toLowerCase()));
    const unknown = refused.filter(({ item }) => !busy.has(item.toLowerCase()));
    const workedOn = underWay.map(({ item }) => ({ item, reason: 'it is being worked on' }));
    const outcome: LettersAnswer = { accepted: [], refused: [...unknown, ...workedOn] };
    const { actor } = this.config;
    for (const [run, found] of byRun(chosen)) {
      for (const part of chunks(found, MOST_ITEMS)) {
        const items = part.map(({ letter }) => letter.item);
        const answer = await this.update(run, discardUpdate, { items, actor, reason });
        if (answer === null) {
          await eachOf(part, ({ letter }) =>
            discardItem(this.client, this.config, keyOf(letter), { actor, reason }),
          );
          outcome.accepted.push(...items);
        } else {
          outcome.accepted.push(...answer.accepted);
          outcome.refused.push(...answer.refused);
        }
      }
    }
    return outcome;
  }

  /** @throws WorkflowNotFoundError where there is neither a letter nor such a run */
  private async find(run: string | undefined): Promise<Letters> {
    const letters = await findLetters(this.client, run);
    if (run !== undefined && letters.found.length === 0) await this.client.workflow.getHandle(run).describe();
    return letters;
  }

  private async choose(selection: LetterSelection): Promise<Chosen> {
    return chosenOf(await this.find(selection.run), selection);
  }

  private async retryInRun(run: string, found: Found[]): Promise<LettersAnswer | null> {
    const answer: LettersAnswer = { accepted: [], refused: [] };
    for (const part of chunks(found, MOST_ITEMS)) {
      const items = part.map(({ letter }) => letter.item);
      const { actor } = this.config;
      const told = await this.update(run, retryUpdate, { items, actor });
      if (told === null) return null;
      answer.accepted.push(...told.accepted);
      answer.refused.push(...told.refused);
    }
    return answer;
  }

  /** The names that a run has taken up. An item that somebody else has put right since we looked is a success, not a refusal. */
  private async takeIn(
    { accepted, refused }: LettersAnswer,
    found: Found[],
    tally: RetryTally,
  ): Promise<Set<string>> {
    const takenUp = [...accepted];
    const aftermath = new Aftermath(this.client);
    const became = await eachOf(refused, async ({ item }) => {
      const ids = found.filter(({ letter }) => letter.item === item).map(({ letter }) => letter.workflowId);
      return eachOf(ids, async (id) => ({ id, became: await this.became(aftermath, id) }));
    });
    for (const [at, refusal] of refused.entries()) {
      const named = became[at] ?? [];
      // A repository and a part of its organisation may have one name: both have to be done.
      const open = named.filter((one) => one.became !== 'done');
      if (named.length > 0 && open.length === 0) takenUp.push(refusal.item);
      else
        tally.refuse(
          refusedAs(refusal, open[0]?.became),
          open.map(({ id }) => id),
        );
    }
    tally.accepted.push(...takenUp);
    return new Set(takenUp);
  }

  private async became(aftermath: Aftermath, workflowId: string): Promise<Became | null> {
    const completed = await aftermath.becameOf(workflowId);
    // One that is being worked on has been taken up.
    return completed ?? ((await confirmLetter(this.client, workflowId)) === null ? 'done' : null);
  }

  private async settle(
    found: Found[],
    accepted: Set<string>,
    tally: RetryTally,
    watch: () => Promise<Watched>,
  ): Promise<void> {
    const watched = await watch();
    if (watched.ended !== 'at_rest') return;
    const dead = new Map(watched.status.deadLetters.map((letter) => [letter.workflowId, letter]));
    const parked = new Map(watched.status.parked.map((one) => [one.workflowId, one]));
    const takenUp = found.filter(({ letter }) => accepted.has(letter.item));
    const aftermath = new Aftermath(this.client);
    // The run may have been cancelled meanwhile: then an item was never done, or has been undone.
    const became = await eachOf(takenUp, async ({ letter: { workflowId } }) =>
      dead.has(workflowId) || parked.has(workflowId) ? null : aftermath.becameOf(workflowId),
    );
    for (const [at, { letter }] of takenUp.entries()) {
      const [still, waiting] = [dead.get(letter.workflowId), parked.get(letter.workflowId)];
      if (still !== undefined) tally.failed.push(still);
      else if (waiting !== undefined) tally.parked.push(waiting);
      else tally.complete(letter, became[at] ?? { reason: 'its workflow did not complete' });
    }
  }

  /** Of a run that has closed: each item's workflow is started by itself. */
  private async retryAlone(
    found: Found[],
    order: Order,
    tally: RetryTally,
    signal?: AbortSignal,
  ): Promise<void> {
    const ended: Ended[] = [];
    for (const { stage, items } of stagesOf(found, ({ letter }) => stageOf(letter), order)) {
      const again = async ({ letter, runId }: Found): Promise<Ended> => {
        const input = await itemInputOf(this.client, letter.workflowId, runId);
        const { finishedSteps: finished, firstFailedAt } = letter;
        const known = { finished, firstFailedAt };
        const retry = { ...input, ...known, mode: 'apply', planned: null, standalone: true } as const;
        await startItem(this.client, this.config, retry);
        tally.accepted.push(letter.item);
        return this.join(letter, signal);
      };
      const some = isOneByOne(stage)
        ? await eachOf(items.toSorted(asTheyFailed), again, 1)
        : await eachOf(items, again);
      ended.push(...some);
    }
    await this.conclude(ended, tally);
  }

  /** Waits for an item that is being worked on, until it has ended or waits for a person. */
  private async join({ item, workflowId }: Named, signal?: AbortSignal): Promise<Ended> {
    return { item, workflowId, joined: await joinItem(this.client, workflowId, signal) };
  }

  /** What became of items since they ended: they are looked at together, when the last one has. */
  private async conclude(ended: Ended[], tally: RetryTally): Promise<void> {
    const aftermath = new Aftermath(this.client);
    const became = await eachOf(ended, async ({ workflowId, joined }) =>
      joined?.is === 'completed' ? aftermath.becameBy(workflowId, joined.result) : null,
    );
    for (const [at, one] of ended.entries()) {
      const { joined } = one;
      const now = became[at] ?? null;
      if (now !== null) tally.complete(one, now);
      if (joined?.is === 'failed') tally.failed.push(joined.letter);
      if (joined?.is === 'parked') tally.parked.push(joined.parked);
    }
  }

  /**
   * Null where the run has closed. Each call is an Update of its own: Temporal answers one that it knows by its id with what was
   * answered then, and a refusal may not stand for ever. The run itself does once what is asked for twice.
   */
  private async update<Argument>(
    run: string,
    definition: UpdateDefinition<LettersAnswer, [Argument]>,
    argument: Argument,
  ): Promise<LettersAnswer | null> {
    try {
      const handle = this.client.workflow.getHandle(run);
      return await handle.executeUpdate<LettersAnswer, [Argument]>(definition, { args: [argument] });
    } catch (error) {
      if (isClosed(error)) return null;
      throw error;
    }
  }
}

/** In the order of the run, in which they failed. */
const asTheyFailed = (one: Found, other: Found): number =>
  one.letter.firstFailedAt.localeCompare(other.letter.firstFailedAt);
