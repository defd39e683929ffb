import { freePort } from '../ports.js';
import { findTemporalCli } from '../tools.js';
import { namespaceAnswers } from './readiness.js';
import { startServer, type TemporalServer } from './server.js';

/** A server that does not answer in this many milliseconds has failed (it usually does in under a second). */
const READY_WITHIN_MS = 30_000;
/**
 * A server that ends while it starts is started again so often. It looks for the ports of its own services as we look for the
 * two that we give it, and another process can take one between the look and the listen; it then ends by a panic.
 */
const ATTEMPTS = 3;

export interface DevServerOptions {
  /** The Temporal CLI; found by findTemporalCli unless given. */
  executable?: string;
  /** Preferred port; where it is taken, or is 0 or missing, any free one. */
  port?: number;
  /** Preferred port of the Web UI, likewise. */
  uiPort?: number;
  /** SQLite file that outlives the server; in memory without it. */
  dbFile?: string;
  /** Made at start in addition to `default`. */
  namespace?: string;
  ip?: '127.0.0.1';
  /** No Web UI. */
  headless?: boolean;
  /** Dynamic configuration: key to JSON text. */
  dynamicConfig?: Readonly<Record<string, string>>;
  searchAttributes?: ReadonlyArray<{ name: string; type: string }>;
  /** The server's output is appended here. */
  logFile: string;
}

function serverArguments(options: DevServerOptions, ip: string, port: number, uiPort?: number): string[] {
  const args = ['server', 'start-dev', '--ip', ip, '--port', String(port), '--log-level', 'error'];
  args.push(...(uiPort === undefined ? ['--headless'] : ['--ui-ip', ip, '--ui-port', String(uiPort)]));
  if (options.namespace !== undefined) args.push('--namespace', options.namespace);
  if (options.dbFile !== undefined) {
    // Twice the throughput of SQLite's defaults; a kill -9 of the server loses nothing.
    args.push('--db-filename', options.dbFile);
    args.push('--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal');
  }
  for (const [key, value] of Object.entries(options.dynamicConfig ?? {}))
    args.push('--dynamic-config-value', `${key}=${value}`);
  for (const { name, type } of options.searchAttributes ?? [])
    args.push('--search-attribute', `${name}=${type}`);
  return args;
}

/**
 * Starts Temporal's dev server on loopback and waits until its namespace answers.
 * Guarantee: it answers at `address` when this resolves, and nothing of it is left running when this rejects.
 * It is in a process group of its own, so a terminal's Ctrl-C does not reach it: call stop(); it is killed when this process exits.
 * Throws an Error with what its log says where it ends early three times or does not answer within 30 s.
 */
export async function startDevServer(options: DevServerOptions): Promise<TemporalServer> {
  const executable = options.executable ?? findTemporalCli();
  const { ip = '127.0.0.1', logFile } = options;
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(options.port);
    const uiPort = options.headless === true ? undefined : await freePort(options.uiPort);
    const args = serverArguments(options, ip, port, uiPort);
    const server = await startServer({ name: 'The Temporal server', executable, args, logFile });
    const address = `${ip}:${port}`;
    const givesUp = new AbortController();
    void server.gone.then(() => givesUp.abort());
    const { pid, kill, stop } = server;
    if (await namespaceAnswers(address, options.namespace ?? 'default', READY_WITHIN_MS, givesUp.signal))
      return {
        address,
        pid,
        kill,
        stop,
        ...(uiPort === undefined ? {} : { uiUrl: `http://${ip}:${uiPort}` }),
      };
    const ended = server.hasEnded();
    await kill();
    if (ended && attempt < ATTEMPTS) continue;
    throw server.failure(
      ended
        ? `The Temporal server at ${address} ended while it was starting, ${ATTEMPTS} times.`
        : `The Temporal server at ${address} did not answer within ${READY_WITHIN_MS / 1_000} s.`,
    );
  }
}
