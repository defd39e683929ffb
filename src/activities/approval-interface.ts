import type { PageCursor } from '../standards/model.js';
import type { PlanIdentity } from '../store/store.js';
import type { Answer } from '../transaction/answer.js';

/** What a run that needs an approval asks of a worker. A round is one pass over everything: 1 is shown, 2 comes after the approval. */
export interface ApprovalActivities {
  beginPlan(input: { run: string; round: number }): Promise<Answer<null>>;
  /** Plans one page of an organisation, and with the first its settings and teams, and keeps what each item's changes are. */
  planForApproval(input: {
    run: string;
    organization: string;
    graphql: boolean;
    cursor: PageCursor | null;
    round: number;
  }): Promise<Answer<{ next: PageCursor | null; shown: string[] }>>;
  identifyPlan(input: { run: string; round: number }): Promise<Answer<PlanIdentity>>;
  recordApproval(input: { run: string; hash: string; actor: string }): Promise<Answer<null>>;
}
