import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultRule, JournalEntry, SeedOrganization } from '../../../src/dev/github/index.js';
import type { OrganizationDump } from '../../support/organization.js';

export interface GitHubOptions {
  seed: readonly SeedOrganization[];
  /** Milliseconds that a read may be behind, see the simulator's `lag` rules. */
  lagMs?: number;
  latencyMs?: number;
}

type Listed = FaultRule & { id: string; seen: number; struck: number };

const READY_WITHIN_MS = 30_000;

/** A simulated GitHub in a process of its own, steered over its control routes. It ends with the process that started it. */
export class GitHubProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(dist: string, directory: string, options: GitHubOptions): Promise<GitHubProcess> {
    const file = join(directory, 'seed.json');
    writeFileSync(file, JSON.stringify(options.seed));
    const numbers = ['--latency-ms', options.latencyMs ?? 0, '--lag-ms', options.lagMs ?? 0].map(String);
    const args = [join(dist, 'dev', 'github', 'main.js'), '--record-bodies', '--seed-file', file, ...numbers];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const onExit = (): void => void child.kill('SIGKILL');
    process.once('exit', onExit);
    child.once('exit', () => process.removeListener('exit', onExit));
    const said = new Promise<string>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').once('data', resolve);
      child.once('exit', (code) => reject(new Error(`the simulated GitHub ended with ${code}`)));
    });
    const late = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
    const line = await said.finally(() => clearTimeout(late));
    return new GitHubProcess(child, (JSON.parse(line) as { url: string }).url);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  async addFaults(rules: readonly FaultRule[]): Promise<string[]> {
    return ((await this.control('POST', 'faults', rules)) as { ids: string[] }).ids;
  }

  async clearFaults(): Promise<void> {
    await this.control('DELETE', 'faults');
  }

  async removeFault(id: string): Promise<void> {
    await this.control('DELETE', `faults?id=${encodeURIComponent(id)}`);
  }

  async struck(id: string): Promise<boolean> {
    const rules = (await this.control('GET', 'faults')) as Listed[];
    return rules.some((rule) => rule.id === id && rule.struck > 0);
  }

  async dump(login: string): Promise<OrganizationDump> {
    return (await this.control('GET', `state?organization=${login}`)) as OrganizationDump;
  }

  async since(mark: number): Promise<JournalEntry[]> {
    return ((await this.control('GET', `journal?since=${mark}`)) as { entries: JournalEntry[] }).entries;
  }

  /** How many effects an organisation has seen since; for whoever asks every few milliseconds, when entries are too many. */
  async effects(organization: string, mark: number): Promise<number> {
    const path = `journal/effects?organization=${organization}&since=${mark}`;
    return ((await this.control('GET', path)) as { count: number }).count;
  }

  /** Where the journal stands; give it to {@link since}. */
  async mark(): Promise<number> {
    const { next } = (await this.control('GET', 'journal/end')) as { next: number };
    return next;
  }

  /** Somebody else changes about that share of an organisation's repositories; gives how many. */
  async drift(organization: string, fraction: number, seed: number): Promise<number> {
    const { changed } = (await this.control('POST', 'drift', { organization, fraction, seed })) as {
      changed: number;
    };
    return changed;
  }

  async setLatency(ms: number): Promise<void> {
    await this.control('POST', 'latency', { ms });
  }

  /** How many milliseconds its clock is ahead from now on; negative: behind. */
  async setClock(ms: number): Promise<void> {
    await this.control('POST', 'clock', { ms });
  }

  private async control(method: string, what: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/_sim/${what}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`/_sim/${what}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
