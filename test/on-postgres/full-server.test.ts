import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStack } from '../../src/dev/stack.js';
import { OnPostgres } from '../../src/dev/temporal/on-postgres.js';
import { openStore } from '../../src/store/open.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'orgsaga-full-server-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('the full Temporal server on Postgres', () => {
  it('has after a crash of all of it what it had before, at the same address', async () => {
    const onPostgres = await OnPostgres.prepare({ directory, headless: true });
    try {
      const server = await onPostgres.start();
      await withClient(server.address, ({ workflow }) =>
        workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody' }),
      );
      await server.kill();
      const again = await onPostgres.start();
      expect(again.address).toBe(server.address);
      const { status } = await withClient(again.address, ({ workflow }) =>
        workflow.getHandle('kept').describe(),
      );
      expect(status.name).toBe('RUNNING');
      await again.stop();
    } finally {
      onPostgres.remove();
    }
  });

  it('is a stack with a Web UI and a store on the same Postgres, gone with it', async () => {
    const env = { ORGSAGA_HOME: directory };
    const ports = { port: 0, uiPort: 0, githubPort: 0 };
    const stack = await startStack({
      ...ports,
      home: directory,
      repos: 3,
      worker: false,
      postgres: true,
      workerLog: 'inherit',
      env,
    });
    try {
      const { DATABASE_URL: databaseUrl = '' } = stack.variables;
      const store = await openStore({ directory, databaseUrl });
      expect(await store.getRun('none')).toBeNull();
      await store.close();
      expect((await fetch(stack.ui)).ok).toBe(true);
    } finally {
      await stack.stop();
    }
    await expect(fetch(stack.ui)).rejects.toThrow('fetch failed');
  });
});
