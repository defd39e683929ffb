import { Client, Connection } from '@temporalio/client';
import type { Config } from './config.js';

/** How long the server may take to answer before it counts as not there, milliseconds. */
const CONNECT_MS = 5_000;

export interface OpenClient {
  client: Client;
  close(): Promise<void>;
}

/** Connects to Temporal as the configuration says. @throws where the server does not answer within 5 s */
export async function clientOf({ temporal }: Config): Promise<OpenClient> {
  const { namespace, ...options } = temporal;
  const connection = await Connection.connect({ ...options, connectTimeout: CONNECT_MS });
  return { client: new Client({ connection, namespace }), close: () => connection.close() };
}
