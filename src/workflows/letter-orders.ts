import type { DeadLetter, LettersAnswer } from './contract.js';

/** What a message wants done with dead letters. */
type Does = 'retry' | 'discard';

/** By workflow id, why letters were not taken up that were not. */
export type Refusals = Map<string, string>;

export const refusedAll = (letters: readonly DeadLetter[], reason: string): Refusals =>
  new Map(letters.map(({ workflowId }) => [workflowId, reason]));

/** Does a message's work on letters. */
type Work = (letters: DeadLetter[]) => Promise<Refusals>;

interface Order {
  does: Does;
  refusals: Promise<Refusals>;
}

export const RETRIED = 'it is being retried';

/**
 * Messages about a run's dead letters, which may come at once. A letter is the first one's until that is answered: a retry and a
 * discard begin the same workflow, and neither may take the other's for its own. Who comes second is told what the first does.
 */
export class LetterOrders {
  /** By workflow id. */
  private readonly orders = new Map<string, Order>();

  /** Whether a message has yet to be answered. */
  get open(): boolean {
    return this.orders.size > 0;
  }

  /** Resolves when all that are there now have been answered. */
  async answered(): Promise<void> {
    await Promise.allSettled([...this.orders.values()].map(({ refusals }) => refusals));
  }

  /** Does a message's work on those letters that are not another one's; says of each what became of it. */
  async take(does: Does, letters: DeadLetter[], work: Work): Promise<LettersAnswer> {
    const first = new Map(letters.map(({ workflowId }) => [workflowId, this.orders.get(workflowId)]));
    const mine = letters.filter(({ workflowId }) => first.get(workflowId) === undefined);
    const refusals = this.work(mine, work);
    for (const { workflowId } of mine) this.orders.set(workflowId, { does, refusals });
    const refused = await refusals;
    const answer: LettersAnswer = { accepted: [], refused: [] };
    for (const { workflowId, item } of letters) {
      const other = first.get(workflowId);
      const reason = other === undefined ? refused.get(workflowId) : await toldBy(other, does, workflowId);
      if (reason === undefined) answer.accepted.push(item);
      else answer.refused.push({ item, reason });
    }
    return answer;
  }

  private async work(letters: DeadLetter[], work: Work): Promise<Refusals> {
    try {
      return await work(letters);
    } finally {
      for (const { workflowId } of letters) this.orders.delete(workflowId);
    }
  }
}

/** Why a letter that another message came first for is not taken up; undefined where that one does the same. */
async function toldBy(
  { does, refusals }: Order,
  wanted: Does,
  workflowId: string,
): Promise<string | undefined> {
  // A discard is done in a moment, a retry may wait for hours.
  if (does === 'retry' && wanted === 'discard') return RETRIED;
  const refusal = (await refusals).get(workflowId);
  // A discard was refused by a retry that came before it: that one does what is wanted.
  if (wanted === 'retry' && refusal === RETRIED) return undefined;
  return refusal ?? (does === wanted ? undefined : 'it has been discarded');
}
