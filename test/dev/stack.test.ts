import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/dev/ports.js';
import { type Stack, startStack } from '../../src/dev/stack.js';

let home = '';
let taken: Server;
const stacks: Stack[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'orgsaga-stack-'));
  taken = createServer();
});
afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.stop()));
  taken.close();
  rmSync(home, { recursive: true, force: true });
});

async function start(
  options: { port?: number; githubPort?: number; env?: Record<string, string> } = {},
): Promise<Stack> {
  const { port = 0, githubPort = 0, env = {} } = options;
  const stack = await startStack({
    home,
    port,
    uiPort: 0,
    githubPort,
    repos: 3,
    worker: false,
    workerLog: 'inherit',
    env,
  });
  stacks.push(stack);
  return stack;
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

describe('startStack', () => {
  it('serves GitHub and the Web UI, says by which variables it is found, and ends all of it', async () => {
    const stack = await start({ env: { ORGSAGA_HOME: home } });
    const { temporal, ui, github, variables } = stack;
    expect(variables).toEqual({
      ORGSAGA_HOME: home,
      TEMPORAL_ADDRESS: temporal,
      GITHUB_API_URL: github,
      GITHUB_TOKEN: 'simulated',
    });
    const { public_repos, total_private_repos } = (await (
      await fetch(`${github}/orgs/acme`, { headers: { authorization: 'Bearer simulated' } })
    ).json()) as Record<string, number>;
    expect((public_repos ?? 0) + (total_private_repos ?? 0)).toBe(3);
    await expect.poll(() => answers(ui), { timeout: 10_000 }).toBe(true);
    await stack.stop();
    expect([await answers(ui), await answers(github)]).toEqual([false, false]);
  });

  it('takes another port where one is taken, and another database where one is in use', async () => {
    const port = await freePort();
    await new Promise<void>((resolve) => {
      taken.listen(port, '127.0.0.1', resolve);
    });
    const first = await start({ port, githubPort: port });
    expect(first.temporal).not.toBe(`127.0.0.1:${port}`);
    expect(first.github).not.toBe(`http://127.0.0.1:${port}`);
    const second = await start();
    expect(second.temporal).not.toBe(first.temporal);
  });

  it('simulates no GitHub where one is given', async () => {
    const { github, simulated, variables } = await start({
      env: { GITHUB_API_URL: 'https://github.example.com/api/v3' },
    });
    expect([github, simulated, Object.keys(variables)]).toEqual([
      'https://github.example.com/api/v3',
      null,
      ['TEMPORAL_ADDRESS'],
    ]);
  });
});
