import { setTimeout as delay } from 'node:timers/promises';
import {
  Client,
  Connection,
  QueryNotRegisteredError,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import type { Config } from './config.js';
import { ASK_AGAIN } from './workflows/query-guard.js';

/** How long the server may take to answer before it counts as not there, milliseconds. */
const CONNECT_MS = 5_000;

/** How often, and every how many milliseconds, a query that came too early is asked again: a task takes milliseconds. */
const ASKED_AGAIN = 20;
const ASK_EVERY_MS = 100;

export interface OpenClient {
  client: Client;
  close(): Promise<void>;
}

/** Connects to Temporal as the configuration says. @throws where the server does not answer within 5 s */
export async function clientOf({ temporal }: Config): Promise<OpenClient> {
  const { namespace, ...options } = temporal;
  const connection = await Connection.connect({ ...options, connectTimeout: CONNECT_MS });
  const client = new Client({ connection, namespace, interceptors: { workflow: [askingAgain] } });
  return { client, close: () => connection.close() };
}

/** Whether the workflows' guard has refused a query. Of one that has ended between two tasks it refuses every query. */
export const cameTooEarly = (error: unknown): boolean =>
  error instanceof QueryNotRegisteredError && error.message.includes(ASK_AGAIN);

/** Asks again what the workflows' guard has refused because it came too early. */
export const askingAgain: WorkflowClientInterceptor = {
  async query(input, next) {
    for (let left = ASKED_AGAIN; ; left -= 1) {
      try {
        return await next(input);
      } catch (error) {
        if (!cameTooEarly(error) || left === 0) throw error;
        await delay(ASK_EVERY_MS);
      }
    }
  },
};
