import { fileURLToPath } from 'node:url';
import type { JournalEntry, SeedOrganization } from '../github/index.js';
import { serve } from './processes.js';

const SIMULATOR = fileURLToPath(new URL('../github/main.js', import.meta.url));
/** A request with this many points under the secondary limits writes; a read has one. */
const POINTS_OF_A_WRITE = 5;

export interface RequestCounts {
  requests: number;
  reads: number;
  /** Requests that write, whether or not they changed anything. */
  writes: number;
  /** Changes that the writes have made; one request may make several. */
  changes: number;
  /** Requests that were answered with an error. */
  refused: number;
}

/** The simulated GitHub in a process of its own. */
export interface BenchGitHub {
  url: string;
  /** Starts anew from that organisation, with an empty journal. */
  reset(organization: SeedOrganization): Promise<void>;
  /** What was asked since the last reset, and since the last count. */
  count(): Promise<RequestCounts>;
  stop(): Promise<void>;
}

export async function startGitHub(latencyMs: number): Promise<BenchGitHub> {
  const args = ['--repos', '0', '--limits', 'none', '--latency-ms', String(latencyMs)];
  const simulator = await serve(SIMULATOR, args, process.env);
  const { url } = JSON.parse(simulator.ready) as { url: string };
  let counted = 0;
  return {
    url,
    stop: () => simulator.stop(),
    async reset(organization) {
      await control(url, 'POST', 'reset', { seed: [organization] });
      counted = 0;
    },
    async count() {
      const { entries, next } = await control<{ entries: JournalEntry[]; next: number }>(
        url,
        'GET',
        `journal?since=${counted}`,
      );
      counted = next;
      const requests = entries.filter((entry) => entry.type === 'request');
      const writes = requests.filter(({ points }) => points >= POINTS_OF_A_WRITE).length;
      const refused = requests.filter(({ status }) => status >= 400).length;
      const changes = entries.filter((entry) => entry.type === 'effect' && entry.changed).length;
      return { requests: requests.length, reads: requests.length - writes, writes, changes, refused };
    },
  };
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
