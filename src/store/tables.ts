import type { Generated, Kysely } from 'kysely';
import type { BreakerOrder } from '../policies/breaker-orders.js';
import type { TurnNote } from '../policies/turn-notes.js';
import type { BreakerTransition } from './breaker-ledger.js';
import type { ItemOutcome, ItemRecord, RecordOutcome } from './store.js';

/** The columns as both databases have them: JSON is text, so that it comes back byte for byte; times are epoch ms. */
export interface Tables {
  schema_version: { version: number };
  documents: { hash: string; body: string; created_at: number };
  request_keys: { key: string; run: string; payload_hash: string; created_at: number };
  runs: {
    run: string;
    organizations: string;
    kind: string;
    actor: string;
    document: string | null;
    options: string;
    started_at: number;
    ended_at: number | null;
    state: string | null;
    totals: string;
    /** When a cancel ended everything forward; null while it may go on. */
    stopped_at: number | null;
  };
  /** What rounds of planning found of items, for runs that need an approval. */
  plans: { run: string; round: number; item: string; hash: string; changes: number };
  approvals: { run: string; hash: string; actor: string; at: number };
  /** One row for each organisation that ever was locked; `run` is null while it is free. The fence only rises. */
  locks: { organization: string; run: string | null; fence: number };
  lock_holders: { organization: string; holder: string };
  /** Intents. Rows are only added. */
  records: {
    id: Generated<number>;
    run: string;
    organization: string;
    item: string;
    step: string;
    direction: 'do' | 'undo';
    attempt: number;
    actor: string;
    change: string;
    target: string;
    from_value: string;
    to_value: string;
    intended_at: number;
  };
  /** What became of an intent. Rows are only added: at most one `unknown` (settled 0) and one that stands (1). */
  conclusions: {
    id: Generated<number>;
    record: number;
    settled: 0 | 1;
    outcome: Exclude<RecordOutcome, 'intended'>;
    request_id: string | null;
    error: string | null;
    concluded_at: number;
    /** Whether it was found out by a look, and not told by the call's own answer. */
    found: 0 | 1;
    /** What GitHub made of what was written; null where that is what was written, or was not seen. */
    stored: string | null;
  };
  /** What steps of a saga have brought about, for later steps and for their undo. */
  step_results: { run: string; item: string; step: string; body: string; saved_at: number };
  /** What workers have noted of the requests of a token. Rows are only added, and forgotten when they do not count any more. */
  turns: {
    id: Generated<number>;
    token: string;
    worker: string;
    at: number;
    kind: TurnNote['kind'];
    lane: TurnNote['lane'];
    resource: TurnNote['resource'];
    requests: number;
    /** Of a window that is closed, until when; else 0. */
    until: number;
  };
  /** What people have told all workers to do with the breakers of a host. Rows are only added. */
  breaker_orders: {
    id: Generated<number>;
    host: string;
    lane: BreakerOrder['lane'];
    kind: BreakerOrder['kind'];
    actor: string;
    reason: string;
    at: number;
  };
  /** Changes of breakers' states. Rows are only added. */
  breaker_transitions: {
    id: Generated<number>;
    host: string;
    lane: BreakerTransition['lane'];
    worker: string;
    token: string;
    from_state: BreakerTransition['from'];
    to_state: BreakerTransition['to'];
    reason: string;
    at: number;
  };
  /** How the access of each worker that is there stands, by token. */
  gates: { worker: string; token: string; host: string; body: string; at: number };
  items: {
    run: string;
    item: string;
    organization: string;
    kind: ItemRecord['kind'];
    target: string;
    outcome: ItemOutcome;
    at: number;
  };
}

export type Database = Kysely<Tables>;
