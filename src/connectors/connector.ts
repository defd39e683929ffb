import type { z } from 'zod';
import type { Json } from '../standards/model.js';
import type { ConnectorHttp } from './http.js';

/** What a connector finds of its own in the other system, by the step's key. */
export type Found<Result extends Json = Json> =
  /** Nothing; also where it was there and has been compensated. */
  | { state: 'absent' }
  /** All of it, made by this step. */
  | { state: 'ours'; result: Result }
  /** Some of it, made by this step: a forward or a compensate that did not come to its end. */
  | { state: 'partial'; what: string }
  /** In its place stands something that this step did not make. */
  | { state: 'foreign'; what: string };

/** Something that compensating left because somebody else has changed it since. */
export interface LeftAlone {
  /** What, in the other system's words. */
  field: string;
  /** What this step made. */
  wrote: Json;
  /** What is there now. */
  found: Json;
}

/** What a connector is told of the step that it works for. */
export interface ConnectorContext {
  /**
   * 32 hex digits, the same for every try of this step and for no other step: goes into what is made, as a mark or as an id, so
   * that `inspect` knows it again when an answer was lost.
   */
  key: string;
  run: string;
  step: string;
  organization: string;
  /** As owner/name. */
  repository: string;
  actor: string;
  /** When the run began, epoch milliseconds; what was made is not older. */
  startedAt: number;
  /** What the steps it needs have brought about, by step. */
  results: Readonly<Record<string, Json>>;
  /** Sends to the connector's address and nowhere else. */
  http: ConnectorHttp;
  /** A credential by the name of its first variable. Never put it into options, results or messages. */
  credential(name: string): string;
}

/**
 * Another system in a saga: what to do, how to find out whether it was done, how to undo it. What is sent is recorded before
 * and after by who calls this; a connector keeps nothing itself.
 *
 * The saga never calls `forward` again on a lost answer: it waits until the call can no longer take effect, asks `inspect`,
 * and calls `forward` only where that says `absent` or `partial`.
 */
export interface Connector<Options = unknown, Result extends Json = Json> {
  /** What `uses` says in an onboarding file: lower case letters, digits, hyphens. */
  name: string;
  /** One line for people. */
  description: string;
  /** Of `with`, checked before anything is done. Holds no credential. */
  options: z.ZodType<Options>;
  /** Where the other system is: a variable that says it, and what it is unless set. */
  address: { variable: string; byDefault?: string };
  /** Variables that must be set in the worker's environment; of alternatives one, told by the name of the first. */
  credentials: readonly (readonly [string, ...string[]])[];
  /** Whether `forward` sent twice makes the same thing once, so that a repeat need not wait for a lost call. */
  idempotent: boolean;
  /**
   * Makes it, or what is missing of it. What is there of it may be what an undo has left, since somebody changed it: its state is
   * not for the result. `before` is what the newest `forward` gave, where some of it is there still; null where its answer was lost.
   * @throws ConnectorError
   */
  forward(context: ConnectorContext, options: Options, before: Result | null): Promise<Result>;
  /**
   * Looks, changes nothing. Says the same again where nothing has changed; what it says after a compensate that was refused is shown to
   * who decides. @throws ConnectorError
   */
  inspect(context: ConnectorContext, options: Options): Promise<Found<Result>>;
  /**
   * Takes away what is there of it; parts may be gone already. What somebody else has changed since stays, and is told. The result
   * is that of the newest `forward`, or of `inspect` where its answer was lost; null where that found only parts.
   * @throws ConnectorError
   */
  compensate(
    context: ConnectorContext,
    options: Options,
    result: Result | null,
  ): Promise<{ conflicts: LeftAlone[] }>;
}

/** A connector, its types inferred from its options' schema. */
export const defineConnector = <Options, Result extends Json>(
  connector: Connector<Options, Result>,
): Connector<Options, Result> => connector;
