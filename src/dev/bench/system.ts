import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTemporalServer } from '../temporal.js';
import { startWorkerProcess } from '../worker-process.js';
import { type BareTemporal, startBare } from './bare.js';
import { type BenchGitHub, startGitHub, TOKEN } from './github.js';
import { PROGRAM, runToEnd, withoutOurs } from './processes.js';
import { OPEN_LANES, ORGANIZATION, STANDARDS } from './workload.js';

const PLAIN = fileURLToPath(new URL('../../../scripts/bench/plain.mjs', import.meta.url));

/** All that the bench measures with, each a process of its own on loopback. */
export interface BenchSystem {
  github: BenchGitHub;
  bare: BareTemporal;
  /** `orgsaga apply` to its end, by its command; milliseconds of the command and of the run. */
  apply(): Promise<{ wallMs: number; runMs: number; totals: Record<string, number> }>;
  /** The plain script to its end; milliseconds. */
  plain(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts everything. @throws Error that says what did not start; nothing is left running then */
export async function startSystem(
  latencyMs: number,
  {
    limits = 'none',
    lanes = OPEN_LANES,
    workers = 1,
  }: { limits?: 'none' | 'documented'; lanes?: string; workers?: number } = {},
): Promise<BenchSystem> {
  const home = mkdtempSync(join(tmpdir(), 'orgsaga-bench-'));
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  // Also where a signal ends us.
  process.once('exit', remove);
  const endings: (() => Promise<void> | void)[] = [remove];
  const stop = async (): Promise<void> => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  };
  const begun = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    endings.push(() => part.stop());
    return part;
  };
  try {
    const file = join(home, 'standards.yaml');
    const config = join(home, 'orgsaga.config.yaml');
    writeFileSync(file, STANDARDS);
    writeFileSync(config, lanes);
    const github = await begun(startGitHub(latencyMs, limits));
    const server = await begun(startTemporalServer({ headless: true, logFile: join(home, 'temporal.log') }));
    const env = {
      ...withoutOurs(process.env),
      ORGSAGA_HOME: home,
      ORGSAGA_CONFIG: config,
      ORGSAGA_LOG_LEVEL: 'warn',
      TEMPORAL_ADDRESS: server.address,
      GITHUB_API_URL: github.url,
      GITHUB_TOKEN: TOKEN,
    };
    for (let number = 1; number <= workers; number += 1)
      await begun(startWorkerProcess({ env, log: { file: join(home, `worker-${number}.log`) } }));
    const bare = await begun(startBare(server.address));
    return {
      github,
      bare,
      async apply() {
        const { wallMs, stdout } = await runToEnd(PROGRAM, ['apply', '-f', file, '--yes', '--json'], env);
        const { durationMs, totals } = JSON.parse(stdout) as Applied;
        return { wallMs, runMs: durationMs, totals };
      },
      async plain() {
        const { wallMs } = await runToEnd(PLAIN, [ORGANIZATION], env);
        return wallMs;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Applied {
  durationMs: number;
  totals: Record<string, number>;
}
