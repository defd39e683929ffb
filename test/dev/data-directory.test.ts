import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDirectory } from '../../src/dev/data-directory.js';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'orgsaga-claim-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const ownedBy = (name: string, pid: number): void => {
  mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, name, 'owners.pid'), `${pid}\n`);
};

describe('claimDirectory', () => {
  it('gives each stack another directory, and a released one again', () => {
    const base = join(home, 'stack');
    const first = claimDirectory(base);
    const second = claimDirectory(base);
    expect([first.path, second.path]).toEqual([base, `${base}-2`]);
    first.release();
    expect(claimDirectory(base).path).toBe(base);
  });

  it('leaves alone what another living process has', () => {
    ownedBy('stack', process.ppid);
    expect(claimDirectory(join(home, 'stack')).path).toBe(join(home, 'stack-2'));
  });

  it('leaves alone what a server of a dead process still uses', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    ownedBy('stack', pid);
    const claimed = claimDirectory(join(home, 'stack'));
    claimed.shareWith(process.ppid);
    expect(readFileSync(join(claimed.path, 'owners.pid'), 'utf8')).toBe(`${process.pid}\n${process.ppid}\n`);
    writeFileSync(join(home, 'stack', 'owners.pid'), `${pid}\n${process.ppid}\n`);
    expect(claimDirectory(join(home, 'stack')).path).toBe(join(home, 'stack-2'));
  });

  it('takes over what an earlier process with our id left, as happens in containers', () => {
    ownedBy('stack', process.pid);
    expect(claimDirectory(join(home, 'stack')).path).toBe(join(home, 'stack'));
  });

  it('takes over what a dead process left', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    ownedBy('stack', pid);
    expect(claimDirectory(join(home, 'stack')).path).toBe(join(home, 'stack'));
  });
});
