import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/dev/ports.js';
import { type DevServerOptions, startDevServer } from '../../src/dev/temporal/dev-server.js';
import type { TemporalServer } from '../../src/dev/temporal/server.js';
import { findTemporalCli } from '../../src/dev/tools.js';

let folder: string;
const started: TemporalServer[] = [];

async function start(options: Omit<DevServerOptions, 'logFile'> = {}): Promise<TemporalServer> {
  const server = await startDevServer({
    headless: true,
    logFile: join(folder, 'server.log'),
    ...options,
  });
  started.push(server);
  return server;
}

async function withClient<T>(
  address: string,
  use: (client: Client) => Promise<T>,
  namespace = 'default',
): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const portOf = (address: string): number => Number(address.split(':')[1]);

function occupy(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orgsaga-temporal-'));
});
afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Shell that says what a server does that panics: the reason, and a stack of so many lines. */
const panic = (lines: number): string =>
  `echo 'panic: listen tcp: address already in use'; seq -f 'main.go:%g' ${lines}`;

describe('startDevServer', () => {
  it('serves a namespace, its search attributes and the Web UI in memory, and is gone after stop', async () => {
    const server = await start({
      headless: false,
      namespace: 'acme',
      searchAttributes: [{ name: 'OrgsagaOrg', type: 'Keyword' }],
      dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': '60' },
    });
    const attributes = await withClient(server.address, ({ connection }) =>
      connection.operatorService.listSearchAttributes({ namespace: 'acme' }),
    );
    expect(Object.keys(attributes.customAttributes)).toContain('OrgsagaOrg');
    expect((await fetch(server.uiUrl ?? '')).status).toBe(200);
    await server.stop();
    expect(isRunning(server.pid)).toBe(false);
    await server.stop();
  });

  it('takes another port where the wanted one is taken', async () => {
    const taken = await occupy(await freePort());
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const server = await start({ port, uiPort: port, headless: false });
      expect(portOf(server.address)).not.toBe(port);
      expect(new URL(server.uiUrl ?? '').port).not.toBe(String(port));
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });

  it('keeps namespace and workflow of a database file over kill -9 and a new start on the same port', async () => {
    const options = { dbFile: join(folder, 'temporal.db'), namespace: 'kept' };
    const first = await start(options);
    const { firstExecutionRunId } = await withClient(
      first.address,
      (client) => client.workflow.start('waits', { workflowId: 'w', taskQueue: 'nobody' }),
      'kept',
    );
    await first.kill();
    expect(isRunning(first.pid)).toBe(false);
    const second = await start({ ...options, port: portOf(first.address) });
    expect(second.address).toBe(first.address);
    const description = await withClient(
      second.address,
      (client) => client.workflow.getHandle('w').describe(),
      'kept',
    );
    expect(description.runId).toBe(firstExecutionRunId);
  });

  it('starts again where a port was taken between the look and the start, its own services too', async () => {
    const marker = join(folder, 'was-called');
    const executable = join(folder, 'taken-once');
    const failOnce = `[ -e '${marker}' ] || { touch '${marker}'; ${panic(30)}; exit 2; }`;
    writeFileSync(executable, `#!/bin/sh\n${failOnce}\nexec '${findTemporalCli()}' "$@"\n`, { mode: 0o755 });
    const server = await start({ executable });
    expect(isRunning(server.pid)).toBe(true);
    expect(existsSync(marker)).toBe(true);
  });

  it('tells the panic of a server that never starts, and not the end of its stack', async () => {
    const executable = join(folder, 'panics');
    writeFileSync(executable, `#!/bin/sh\n${panic(30)}\nexit 2\n`, { mode: 0o755 });
    await expect(start({ executable })).rejects.toThrow(/3 times[^]*says:\npanic: listen tcp: address/);
  });

  it('rejects with the end of the log, and leaves nothing running, where the server cannot start', async () => {
    const dbFile = join(folder, 'no-database.db');
    writeFileSync(
      dbFile,
      'this is no SQLite file, and long enough to be seen as one that is damaged'.repeat(20),
    );
    await expect(start({ dbFile })).rejects.toThrow(
      /ended while it was starting[^]*(not a database|malformed|file is)/,
    );
  });

  it('says which executable cannot be started', async () => {
    await expect(start({ executable: join(folder, 'missing') })).rejects.toThrow(/missing cannot be started/);
  });
});

describe('freePort', () => {
  it('gives the preferred port where it is free', async () => {
    const port = await freePort();
    expect(await freePort(port)).toBe(port);
  });
});
