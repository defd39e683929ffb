import { expect } from 'vitest';
import type { FaultMatch } from '../../src/dev/github/faults.js';
import { readAudit } from './checker.js';
import type { OrganizationDump } from './organization.js';
import type { Ran, Running } from './program.js';
import { type System, TOKEN } from './system.js';

/** One write of the transaction each, in the order of the steps. */
export const STEPS: readonly [name: string, match: FaultMatch, skip: number][] = [
  ['repository', { method: 'POST', path: '/orgs/*/repos' }, 0],
  ['protection', { method: 'PUT', path: '/repos/*/*/branches/*/protection' }, 0],
  ['teams/developers', { method: 'PUT', path: '/orgs/*/teams/developers/repos/**' }, 0],
  ['teams/maintainers', { method: 'PUT', path: '/orgs/*/teams/maintainers/repos/**' }, 0],
  ['issues/1', { method: 'POST', path: '/repos/*/*/issues' }, 0],
  ['issues/2', { method: 'POST', path: '/repos/*/*/issues' }, 1],
  ['description', { method: 'PATCH', path: '/repos/*/*' }, 0],
];

const FLAGS = [
  '--description',
  'Takes payments',
  '--developers',
  'developers',
  '--maintainers',
  'maintainers',
  '--issue',
  'Write the README',
  '--issue',
  'Name an owner',
  '--yes',
  '--json',
];

export interface Report {
  run: string;
  state: string;
  reason: string | null;
  totals: Record<string, number>;
  steps: { name: string; state: string }[];
  conflicts: { step: string; field: string; found: unknown }[];
  notes: string[];
}

interface Thread {
  title: string;
  state: string;
  body: string;
}

export function reportOf(ran: Ran, code: number): Report {
  expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(code);
  return JSON.parse(ran.stdout) as Report;
}

let repositories = 0;
/** A name that no repository has yet. */
export const fresh = (): string => `new-${(repositories += 1)}`;

export const create = (system: System, name: string, ...more: string[]): Running =>
  system.start(['create-repo', `acme/${name}`, ...FLAGS, ...more]);

/** Everything is there, once, and nothing else has changed. */
export function expectMade(system: System, name: string, before: OrganizationDump): void {
  const { repositories: all, ...rest } = system.dump('acme');
  const { [name]: made, ...others } = all;
  expect({ ...rest, repositories: others }).toEqual(before);
  expect(made?.settings).toMatchObject({ description: 'Takes payments', visibility: 'private' });
  expect(made?.teams).toEqual({ developers: 'push', maintainers: 'maintain' });
  expect(Object.keys(made?.branch_protection ?? {})).toEqual(['main']);
  expect(openIssues(system, name)).toEqual(['Write the README', 'Name an owner']);
}

const threadsOf = (system: System, name: string): Thread[] =>
  Object.values(system.dump('acme').repositories[name]?.threads ?? {}) as Thread[];

export const openIssues = (system: System, name: string): string[] =>
  threadsOf(system, name)
    .filter(({ state }) => state === 'open')
    .map(({ title }) => title);

/** G10: every request that changed something is one record that says applied, and the other way round. */
export function expectAudited(system: System, run: string, mark: number): void {
  const effects = system
    .since(mark)
    .filter((entry) => entry.type === 'effect' && entry.organization === 'acme' && entry.changed);
  const requests = new Set(effects.map((entry) => (entry.type === 'effect' ? entry.request : 0)));
  const rows = readAudit(system.store, 'acme').filter((row) => row.run === run);
  expect(rows.filter(({ outcome }) => outcome === 'applied')).toHaveLength(requests.size);
  expect(rows.filter(({ outcome }) => outcome === null)).toEqual([]);
}

/** A call to GitHub by somebody else. */
export async function byHand(system: System, method: string, path: string, body: object): Promise<void> {
  const answer = await fetch(`${system.github.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}
