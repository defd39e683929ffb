import type { DeadLetter, LettersAnswer, ParkedItem } from '../workflows/contract.js';
import { keyOfWorkflowId } from '../workflows/ids.js';
import type { Became } from './became.js';

/** What became of each dead letter that a retry took up, once it is settled. */
export interface RetryOutcome extends LettersAnswer {
  /** Of those refused the ones that are not done: an item may have been done for another run meanwhile. */
  open: Refusal[];
  succeeded: string[];
  failed: DeadLetter[];
  /** Failed again, and what was done cannot be undone before a person has decided. */
  parked: ParkedItem[];
}

export type Refusal = LettersAnswer['refused'][number];

/** An item, and its workflow: another one may have its name. */
export type Named = Pick<DeadLetter, 'item' | 'workflowId'>;

/** Adds up what a retry comes to. Items are told apart by their keys, because two may have one name. */
export class RetryTally {
  readonly accepted: string[] = [];
  readonly succeeded: string[] = [];
  readonly failed: DeadLetter[] = [];
  readonly parked: ParkedItem[] = [];
  private readonly refused: { refusal: Refusal; keys: string[] }[] = [];
  private readonly done = new Set<string>();

  /** Refuses a name, and with it these workflows' items; none of them where the name is nobody's. */
  refuse(refusal: Refusal, workflowIds: string[] = []): void {
    this.refused.push({ refusal, keys: workflowIds.map(keyOfWorkflowId) });
  }

  /** An item that was taken up has completed: it is done, or there is a reason why it is not. */
  complete({ item, workflowId }: Named, became: Became): void {
    if (became === 'done') {
      this.succeeded.push(item);
      this.done.add(keyOfWorkflowId(workflowId));
      return;
    }
    // Once: another item may have its name.
    const at = this.accepted.indexOf(item);
    if (at >= 0) this.accepted.splice(at, 1);
    this.refuse({ item, reason: became.reason }, [workflowId]);
  }

  outcome(): RetryOutcome {
    const { accepted, succeeded, failed, parked } = this;
    const isDone = (keys: string[]) => keys.length > 0 && keys.every((key) => this.done.has(key));
    const refused = this.refused.map(({ refusal }) => refusal);
    const open = refused.filter((_, at) => !isDone(this.refused[at]?.keys ?? []));
    return { accepted, refused, open, succeeded, failed, parked };
  }
}

/** A refusal in the words of whoever gave the item up or took it back. */
export function refusedAs(refusal: Refusal, became: Became | null | undefined): Refusal {
  return became === null || became === undefined || became === 'done'
    ? refusal
    : { item: refusal.item, reason: became.reason };
}
