import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { organization } from '../support/organization.js';
import { fresh, reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

/** Tells by a file that it was begun, and never ends. */
const connector = (begun: string): string => `
import { writeFileSync } from 'node:fs';
export default {
  name: 'own',
  description: 'a connector that never answers',
  options: { safeParse: (data) => ({ success: true, data }) },
  address: { variable: 'OWN_URL', byDefault: 'http://127.0.0.1:9' },
  credentials: [],
  idempotent: true,
  forward: () => {
    writeFileSync(${JSON.stringify(begun)}, '');
    return new Promise(() => {});
  },
  inspect: async () => ({ state: 'absent' }),
  compensate: async () => ({ conflicts: [] }),
};
`;

/** Of the tests' configuration. */
const LASTS_MS = 4_000;

let system: System;
beforeAll(async () => {
  system = await startSystem({ seed: [organization('acme', 2)], workers: 0 });
  const module = system.write('own.mjs', connector(join(system.directory, 'begun')));
  const config = join(system.directory, 'orgsaga.config.yaml');
  writeFileSync(config, `${readFileSync(config, 'utf8')}connectors: [${JSON.stringify(module)}]\n`);
  await system.startWorker();
});
afterAll(() => system?.stop());

it('a connector that never answers keeps no worker, and the run says which it was', {
  timeout: 120_000,
}, async () => {
  const name = fresh();
  const before = system.dump('acme');
  const file = system.write(
    'onboarding.yaml',
    `version: 1
organization: acme
repository: { name: ${name} }
steps:
  - { name: create_github_repo, uses: github }
  - { name: hangs, uses: own, with: {} }
`,
  );
  const running = system.start(['onboard', '-f', file, '--yes', '--json']);
  await system.until('forward', () => existsSync(join(system.directory, 'begun')));
  const [worker] = system.workers.splice(0);
  process.kill(worker?.pid ?? 0, 'SIGTERM');
  await system.until('the end of the worker', () => !isRunning(worker?.pid ?? 0), LASTS_MS + 1_000);
  await system.startWorker();
  const report = reportOf(await running.ended, 3);
  expect(report.state).toBe('RolledBack');
  expect(report.reason).toContain('own: forward did not answer within 3.');
  expect(system.dump('acme')).toEqual(before);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
