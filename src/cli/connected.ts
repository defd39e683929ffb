import type { Config } from '../config.js';
import type { Cli } from './cli.js';
import type { Client } from './deps.js';

/** Connects to the Temporal server, does `work`, and closes the connection whatever comes of it. */
export async function connected<T>(
  cli: Cli,
  work: (client: Client, config: Config) => Promise<T>,
): Promise<T> {
  const config = await cli.deps.loadConfig(cli.io.env);
  const client = await cli.deps.connect(config);
  try {
    return await work(client, config);
  } finally {
    await client.close();
  }
}
