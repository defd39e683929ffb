import { fileURLToPath } from 'node:url';
import type { JournalEntry, SeedOrganization } from '../github/index.js';
import { serve } from './processes.js';

const SIMULATOR = fileURLToPath(new URL('../github/main.js', import.meta.url));
/** The simulated GitHub takes any token. */
export const TOKEN = 'simulated';

/** The simulated GitHub in a process of its own. */
export interface BenchGitHub {
  url: string;
  pid: number;
  /** Starts anew from that organisation, with an empty journal. */
  reset(organization: SeedOrganization): Promise<void>;
  /** What was asked and what it did since the last reset, and since it was last taken. */
  take(): Promise<JournalEntry[]>;
  /** What of the primary limits is used up, in requests of REST and points of GraphQL. */
  used(): Promise<{ core: number; graphql: number }>;
  stop(): Promise<void>;
}

export async function startGitHub(latencyMs: number, limits: 'none' | 'documented'): Promise<BenchGitHub> {
  const args = ['--repos', '0', '--limits', limits, '--latency-ms', String(latencyMs)];
  const simulator = await serve(SIMULATOR, args, process.env);
  const { url } = JSON.parse(simulator.ready) as { url: string };
  let taken = 0;
  return {
    url,
    pid: simulator.pid,
    stop: () => simulator.stop(),
    async reset(organization) {
      await control(url, 'POST', 'reset', { seed: [organization] });
      taken = 0;
    },
    async used() {
      const answer = await fetch(`${url}/rate_limit`, { headers: { authorization: `bearer ${TOKEN}` } });
      const { resources } = (await answer.json()) as RateLimit;
      return { core: resources.core.used, graphql: resources.graphql.used };
    },
    async take() {
      const { entries, next } = await control<{ entries: JournalEntry[]; next: number }>(
        url,
        'GET',
        `journal?since=${taken}`,
      );
      taken = next;
      return entries;
    },
  };
}

interface RateLimit {
  resources: Record<'core' | 'graphql', { used: number }>;
}

async function control<T>(url: string, method: string, name: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${url}/_sim/${name}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok)
    throw new Error(
      `The simulated GitHub answered ${method} ${name} with ${answer.status}: ${await answer.text()}`,
    );
  return (await answer.json()) as T;
}
