import type { DeadLetter, LettersAnswer } from './contract.js';

/** What a message wants done with dead letters. */
type Does = 'retry' | 'discard';

/** Does a message's work on one letter; says why where it may not. */
type Work = (letter: DeadLetter) => Promise<string | null>;

interface Order {
  does: Does;
  /** By workflow id, why those were not taken up that were not. */
  refusals: Promise<Map<string, string>>;
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
    const refusals = this.each(mine, work);
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

  private async each(letters: DeadLetter[], work: Work): Promise<Map<string, string>> {
    const refusals = new Map<string, string>();
    try {
      for (const letter of letters) {
        const refusal = await work(letter);
        if (refusal !== null) refusals.set(letter.workflowId, refusal);
      }
      return refusals;
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
