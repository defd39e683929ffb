import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDevServer } from '../temporal/dev-server.js';
import { startOnPostgres } from '../temporal/on-postgres.js';
import type { TemporalServer } from '../temporal/server.js';
import { startWorkerProcess, type WorkerProcess } from '../worker-process.js';
import { type BenchGitHub, startGitHub, TOKEN } from './github.js';
import { PROGRAM, runToEnd, withoutOurs } from './processes.js';
import { cpuOf, cpuOfAll, type ProcessorTimes } from './processor.js';
import { ORGANIZATION, STANDARDS } from './workload.js';

const PLAIN = fileURLToPath(new URL('../../../scripts/bench/plain.mjs', import.meta.url));

/** How a run ended and how long that took, milliseconds: by its command, and by itself. */
export interface Applied {
  /** Its id. */
  run: string;
  wallMs: number;
  runMs: number;
  totals: Record<string, number>;
}

/** All that the bench measures with, each a process of its own on loopback. */
export interface BenchSystem {
  github: BenchGitHub;
  /** Of the Temporal server. */
  address: string;
  /** Ends the workers that are there, and starts others with that orgsaga.config.yaml. */
  work(config: string, workers?: number): Promise<void>;
  /** `orgsaga apply` to its end, by its command, with those flags. */
  apply(...flags: string[]): Promise<Applied>;
  /** The plain script to its end; milliseconds. */
  plain(): Promise<number>;
  /** A Node program to its end, with those arguments and the standards file; what it wrote. */
  program(file: string, ...args: string[]): Promise<string>;
  /** The most memory that the worker with the most has had, bytes; null where the system does not tell. */
  memory(): number | null;
  /** What its processes have taken of the processor so far. */
  cpu(): ProcessorTimes;
  stop(): Promise<void>;
}

export interface SystemOptions {
  /** Of each answer of the simulated GitHub, milliseconds. */
  latencyMs: number;
  limits?: 'none' | 'documented';
  /** The full Temporal server and the store on a Postgres of their own, in place of a server in memory and SQLite. */
  postgres?: boolean;
  /** Ends an apply that is under way. */
  signal?: AbortSignal | undefined;
}

/**
 * Starts a Temporal server and a simulated GitHub.
 * @throws Error that says what did not start; nothing is left running then
 */
export async function startSystem({
  latencyMs,
  limits = 'none',
  postgres = false,
  signal,
}: SystemOptions): Promise<BenchSystem> {
  const home = mkdtempSync(join(tmpdir(), 'orgsaga-bench-'));
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  // Also where a signal ends us.
  process.once('exit', remove);
  const endings: (() => Promise<void> | void)[] = [remove];
  const stop = async (): Promise<void> => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
    process.removeListener('exit', remove);
  };
  const begun = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    endings.push(() => part.stop());
    return part;
  };
  const workers: WorkerProcess[] = [];
  const endWorkers = async (): Promise<void> => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  };
  try {
    const file = join(home, 'standards.yaml');
    const config = join(home, 'orgsaga.config.yaml');
    writeFileSync(file, STANDARDS);
    const github = await begun(startGitHub(latencyMs, limits));
    const { address, variables } = await begun(startTemporal(home, postgres));
    endings.push(endWorkers);
    const env = {
      ...withoutOurs(process.env),
      ORGSAGA_HOME: home,
      ORGSAGA_CONFIG: config,
      ORGSAGA_LOG_LEVEL: 'warn',
      ...variables,
      TEMPORAL_ADDRESS: address,
      GITHUB_API_URL: github.url,
      GITHUB_TOKEN: TOKEN,
    };
    return {
      github,
      address,
      async work(text, count = 1) {
        await endWorkers();
        writeFileSync(config, text);
        for (let number = 1; number <= count; number += 1)
          workers.push(await startWorkerProcess({ env, log: { file: join(home, `worker-${number}.log`) } }));
      },
      async apply(...flags) {
        const args = ['apply', '-f', file, '--yes', '--json', ...flags];
        const { wallMs, stdout } = await runToEnd(PROGRAM, args, env, { signal });
        const { run, durationMs, totals } = JSON.parse(stdout) as Ended;
        return { run, wallMs, runMs: durationMs, totals };
      },
      async plain() {
        const { wallMs } = await runToEnd(PLAIN, [ORGANIZATION], env);
        return wallMs;
      },
      async program(path, ...args) {
        const { stdout } = await runToEnd(path, [...args, file], env, { signal });
        return stdout;
      },
      memory() {
        const peaks = workers.map(({ pid }) => peakOf(pid));
        return peaks.includes(null) ? null : Math.max(...peaks.map(Number));
      },
      cpu: () => ({ github: cpuOf(github.pid), workers: cpuOfAll(workers.map(({ pid }) => pid)) }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startTemporal(
  home: string,
  postgres: boolean,
): Promise<TemporalServer & { variables: Record<string, string> }> {
  if (!postgres) {
    const server = await startDevServer({ headless: true, logFile: join(home, 'temporal.log') });
    return { ...server, variables: {} };
  }
  const server = await startOnPostgres({ directory: home, headless: true });
  return { ...server, variables: { DATABASE_URL: server.databaseUrl } };
}

interface Ended {
  run: string;
  durationMs: number;
  totals: Record<string, number>;
}

/** As Linux keeps it, bytes. */
function peakOf(pid: number): number | null {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) * 1_024;
  } catch {
    return null;
  }
}
