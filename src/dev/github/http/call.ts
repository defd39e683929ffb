import type { FaultSubject } from '../faults.js';
import type { Charge } from '../limits.js';
import type { Writer } from '../state/state.js';

/** An answer ready to be sent; `text` null: no body. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string | null;
  /** The fault rule that struck inside of the call, on one alias. */
  fault?: string;
}

/** A request that was understood but not yet carried out: what faults, limits and the journal need to know of it. */
export interface Call {
  paths: readonly string[];
  operations: FaultSubject['operations'];
  /** GraphQL fields for the journal. */
  fields?: string[];
  repo: string | null;
  write: boolean;
  charge: Charge;
  /** Carries it out; `applyFirst` cuts off the mutations after the first so many. */
  run(writer: Writer, applyFirst?: number): Answer;
}

/** What a call needs to know of the HTTP request. */
export interface Incoming {
  method: string;
  /** Encoded, without `/api/v3`, before the query. */
  path: string;
  query: URLSearchParams;
  body: string;
  accept: string;
  ifNoneMatch: string | undefined;
  origin: string;
  base: string;
  token: string;
  userAgent: string;
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  text: JSON.stringify(body),
});
