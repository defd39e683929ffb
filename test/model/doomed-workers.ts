import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { compiled } from '../support/compiled.js';
import type { ModelBench } from './bench.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A worker that is not ready in so many milliseconds has failed. */
const READY_WITHIN = 30_000;

/**
 * Workers in processes of their own. One that makes an attempt which is never to be answered is killed with SIGKILL, as
 * often as `kills` says, and another takes its place.
 */
export class DoomedWorkers {
  kills = 0;
  private readonly children = new Map<number, ChildProcess>();
  private readonly directory = mkdtempSync(join(tmpdir(), 'orgsaga-model-'));
  private readonly program = compiled(
    relative(root, fileURLToPath(new URL('./worker-child.ts', import.meta.url))),
  );
  private readonly server: Server;
  private stopping = false;

  constructor(
    private readonly bench: ModelBench,
    private readonly taskQueue: string,
    private readonly mostKills: number,
  ) {
    writeFileSync(join(this.directory, 'bundle.js'), bench.code);
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  async start(count: number): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    await Promise.all(Array.from({ length: count }, () => this.spawn()));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const child of this.children.values()) child.kill('SIGKILL');
    this.server.closeAllConnections();
    this.server.close();
    this.program.remove();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pid, ...asked } = JSON.parse(await text(request));
    if (request.url === '/parked') {
      await this.bench.parked(asked);
      response.end('null');
      return;
    }
    const reply = await this.bench.attempt(asked);
    if (reply.type === 'silent' && this.kills < this.mostKills && this.children.delete(pid)) {
      this.kills += 1;
      process.kill(pid, 'SIGKILL');
      await this.spawn();
      return;
    }
    response.end(JSON.stringify(reply));
  }

  private async spawn(): Promise<void> {
    if (this.stopping) return;
    const { port } = this.server.address() as { port: number };
    const child = spawn(process.execPath, [this.program.path], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        PATH: process.env['PATH'] ?? '',
        TEMPORAL_ADDRESS: this.bench.environment.address,
        MODEL_QUEUE: this.taskQueue,
        MODEL_BUNDLE: join(this.directory, 'bundle.js'),
        MODEL_WORLD: `http://127.0.0.1:${port}`,
      },
    });
    this.children.set(child.pid ?? 0, child);
    await once(child.stdout ?? child, 'data', { signal: AbortSignal.timeout(READY_WITHIN) });
  }
}
