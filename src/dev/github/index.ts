import { Clock } from './clock.js';
import { Faults } from './faults.js';
import { SimulatorServer } from './http/server.js';
import { Journal } from './journal.js';
import { Limits, type LimitsOption } from './limits.js';
import { drift } from './state/drift.js';
import { dump, dumpOrganization } from './state/dump.js';
import { type SeedOrganization, seedOrganization } from './state/seed.js';
import { State } from './state/state.js';

export type { FaultRule } from './faults.js';
export type { EffectEntry, JournalEntry, RequestEntry } from './journal.js';
export type { LimitsOption } from './limits.js';
export { seedDemo } from './state/demo.js';
export type { SeedOrganization, SeedRepository } from './state/seed.js';

export interface SimulatedGitHubOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Tokens that are accepted; absent: every one that is not empty. */
  tokens?: readonly string[];
  /** Tokens that may read only; a write with one is a 403. */
  readOnlyTokens?: readonly string[];
  seed?: readonly SeedOrganization[];
  /** Time of every answer in milliseconds; a change is applied half-way. */
  latencyMs?: number;
  limits?: LimitsOption;
  /** Keeps request bodies in the journal, so that a test can check them against GitHub's OpenAPI document. */
  recordBodies?: boolean;
  /** Rules of kind `lag` show reads the state as it was so many milliseconds ago; 0 or absent: they do nothing. */
  lagMs?: number;
  /** The simulator's clock, which its Date header shows too; `Date.now` unless given. */
  now?: () => number;
}

export interface SimulatedGitHub {
  readonly url: string;
  readonly port: number;
  readonly state: State;
  readonly faults: Faults;
  readonly journal: Journal;
  setLatency(ms: number): void;
  setLimits(option: LimitsOption): void;
  /** How many milliseconds its clock is ahead from now on; negative: behind. */
  setClock(ms: number): void;
  /** Forgets everything (faults and journal too) and starts from the seed. */
  reset(seed: readonly SeedOrganization[]): void;
  /** Ends at once; open connections are destroyed. */
  close(): Promise<void>;
}

function listen(server: SimulatorServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.http.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? `port ${port} is in use; give another one, or 0 for any`
          : error.message;
      reject(
        Object.assign(new Error(`The simulated GitHub could not start: ${reason}`), { code: error.code }),
      );
    });
    server.http.listen(port, '127.0.0.1', () => {
      const address = server.http.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/**
 * Starts a GitHub that keeps its state in memory: REST at `/` and `/api/v3`, GraphQL at `/graphql` and `/api/graphql`.
 * It listens on 127.0.0.1 only. Rejects with an error whose `code` is EADDRINUSE where the port is taken.
 */
export async function startSimulatedGitHub(options: SimulatedGitHubOptions = {}): Promise<SimulatedGitHub> {
  const real = options.now ?? Date.now;
  let ahead = 0;
  const now = (): number => real() + ahead;
  const journal = new Journal(now);
  const operations = { drift, dump, dumpOrganization };
  const clock = new Clock(now);
  const state = new State(journal, clock.now, operations);
  const { lagMs = 0 } = options;
  const replicaClock = new Clock(now);
  const replica = lagMs > 0 ? new State(new Journal(now), replicaClock.now, operations) : null;
  const faults = new Faults();
  const limits = new Limits(options.limits ?? 'none', now);
  const tokens = options.tokens && new Set(options.tokens);
  const readOnly = new Set(options.readOnlyTokens);
  let latency = options.latencyMs ?? 0;
  const seedAll = (seeds: readonly SeedOrganization[]): void => {
    // Commits are named by their dates too.
    const at = now();
    for (const seed of seeds) {
      clock.at(at, () => seedOrganization(state, seed));
      if (replica !== null) replicaClock.at(at, () => seedOrganization(replica, seed));
    }
  };
  const controlled = {
    state,
    faults,
    journal,
    setLatency: (ms: number) => {
      latency = ms;
    },
    setLimits: (option: LimitsOption) => limits.set(option),
    setClock: (ms: number) => {
      ahead = ms;
    },
    reset: (seed: readonly SeedOrganization[]) => {
      state.clear();
      replica?.clear();
      faults.clear();
      journal.clear();
      seedAll(seed);
    },
  };
  seedAll(options.seed ?? []);
  const server = new SimulatorServer({
    ...controlled,
    limits,
    now,
    latency: () => latency,
    recordBodies: options.recordBodies ?? false,
    lag: replica && { state: replica, clock: replicaClock, ms: lagMs },
    access: (token) => (readOnly.has(token) ? 'read' : !tokens || tokens.has(token) ? 'write' : 'none'),
  });
  const port = await listen(server, options.port ?? 0);
  return { ...controlled, url: `http://127.0.0.1:${port}`, port, close: () => server.close() };
}
