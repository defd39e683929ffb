import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTemporalCli, findTimeSkippingServer } from '../../src/dev/tools.js';
import { Checkout } from './checkout.js';

let checkout: Checkout;
beforeEach(() => {
  checkout = new Checkout();
});
afterEach(() => checkout.remove());

const tools = (): string[] => readdirSync(join(checkout.home, 'tools'));

describe('npm start on a fresh checkout', () => {
  it('installs, builds, gets the server, and hands arguments and exit code through', async () => {
    const { code, stdout, stderr } = await checkout.run('start.mjs', ['--exit']);
    expect(checkout.calls()).toEqual(['npm', 'tsc', 'go']);
    const cli = findTemporalCli({ ORGSAGA_HOME: checkout.home });
    expect(JSON.parse(stdout)).toEqual({ args: ['--exit'], cli });
    expect(code).toBe(3);
    expect(stderr).toMatch(/Installing dependencies \(about a minute, once\)…\n {2}done after/);
  });

  it('does nothing twice, and says nothing about it', async () => {
    await checkout.run('start.mjs');
    checkout.calls();
    const { stderr } = await checkout.run('start.mjs');
    expect(checkout.calls()).toEqual([]);
    expect(stderr).toBe('');
    expect(existsSync(join(checkout.root, '.orgsaga', 'setup.lock'))).toBe(false);
  });

  it('redoes only what a changed lockfile or source calls for', async () => {
    await checkout.run('start.mjs');
    checkout.calls();
    appendFileSync(join(checkout.root, 'src', 'dev', 'demo.ts'), '// changed');
    await checkout.run('start.mjs');
    expect(checkout.calls()).toEqual(['tsc']);
    appendFileSync(join(checkout.root, 'package-lock.json'), '\n');
    await checkout.run('start.mjs');
    expect(checkout.calls()).toEqual(['npm', 'tsc']);
  });

  it('leaves an installation made by hand alone', async () => {
    checkout.write(
      'package-lock.json',
      '{"packages":{"":{},"node_modules/a":{"version":"1.0.0"},"node_modules/b":{"version":"1.0.0","optional":true}}}',
    );
    await checkout.run('start.mjs');
    for (const [version, expected] of [
      ['1.0.0', []],
      ['2.0.0', ['npm']],
    ] as const) {
      checkout.write(
        'node_modules/.package-lock.json',
        `{"packages":{"node_modules/a":{"version":"${version}"}}}`,
      );
      checkout.removeStamp();
      checkout.calls();
      await checkout.run('start.mjs');
      expect(checkout.calls()).toEqual(expected);
    }
  });

  it('forwards SIGTERM to the job and ends as it does', async () => {
    const { child, outcome } = checkout.launch('start.mjs', ['--wait']);
    child.stdout?.on('data', (data: Buffer) => data.includes('waiting') && child.kill('SIGTERM'));
    expect((await outcome).code).toBe(7);
  });

  it('makes nothing where TEMPORAL_CLI_PATH is wrong', async () => {
    const { code, stderr } = await checkout.run('start.mjs', [], { TEMPORAL_CLI_PATH: '/no/such/temporal' });
    expect(code).toBe(1);
    expect(stderr).toContain('TEMPORAL_CLI_PATH names /no/such/temporal, which is no executable file.');
    expect(checkout.calls()).not.toContain('go');
  });
});

describe('npm test', () => {
  it('gets the time-skipping server too and passes arguments on', async () => {
    const { code, stdout } = await checkout.run('test.mjs', ['test/x', '--bail=1']);
    expect(code).toBe(0);
    expect(checkout.calls()).toEqual(['npm', 'tsc', 'go', 'mvn']);
    expect(JSON.parse(stdout)).toEqual({
      args: ['run', 'test/x', '--bail=1'],
      cli: findTemporalCli({ ORGSAGA_HOME: checkout.home }),
      server: findTimeSkippingServer({ ORGSAGA_HOME: checkout.home }),
    });
    await checkout.run('test.mjs');
    expect(checkout.calls()).toEqual([]);
  });

  it('says what to install where Java and Maven are missing', async () => {
    checkout.uninstall('java');
    checkout.uninstall('mvn');
    const { code, stderr } = await checkout.run('test.mjs');
    expect(code).toBe(1);
    expect(stderr).toMatch(/Java 11 or newer and Maven.*not installed\.\nInstall.*TEMPORAL_TEST_SERVER_PATH/);
  });
});

describe('a part that fails', () => {
  it.each([
    ['npm', 'network', /Installing dependencies failed: the network.*cannot be reached/],
    ['npm', 'space', /Installing dependencies failed: no space is left/],
    ['go', 'network', /Getting the Temporal dev server failed: the network.*cannot be reached/],
    ['go', 'space', /Getting the Temporal dev server failed: no space is left/],
    ['mvn', 'network', /Getting the time-skipping test server failed: the network.*cannot be reached/],
    ['tsc', 'fails', /Building failed.*\n.*error TS2304/],
  ])('%s (%s): says so, exits 1, and works when run again', async (stub, mode, message) => {
    checkout.mode(stub, mode);
    const failed = await checkout.run('test.mjs');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(message);
    expect(failed.stderr).toContain('run the same command again');
    expect(failed.stderr).not.toMatch(/^\s+at /m);
    checkout.mode(stub);
    checkout.calls();
    expect((await checkout.run('test.mjs')).code).toBe(0);
    expect(checkout.calls()).toContain(stub);
    expect(tools().toSorted()).toEqual(['temporal-cli-1.5.1', 'temporal-test-server-1.38.0']);
  });

  it('keeps the build of before where the new one fails', async () => {
    await checkout.run('start.mjs');
    checkout.mode('tsc', 'fails');
    appendFileSync(join(checkout.root, 'src', 'dev', 'demo.ts'), '// changed');
    expect((await checkout.run('start.mjs')).code).toBe(1);
    expect(existsSync(join(checkout.root, 'dist', 'dev', 'demo.js'))).toBe(true);
    expect(readdirSync(checkout.root)).not.toContain('.dist-new');
  });

  it('shows no password of an address', async () => {
    checkout.mode('npm', 'password');
    const { stderr } = await checkout.run('start.mjs');
    expect(stderr).toContain('https://registry.invalid/x');
    expect(stderr).not.toContain('secret');
  });

  it('says what to do where there is neither server nor Go', async () => {
    checkout.uninstall('go');
    const { code, stderr } = await checkout.run('start.mjs');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /not here, and Go, with which it can be built, is not installed\.\nInstall Go .* install the Temporal CLI.*TEMPORAL_CLI_PATH/,
    );
  });
});
