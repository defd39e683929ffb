import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OWNERS = 'owners.pid';
/** So many stacks at once are plenty for one data directory. */
const MOST = 100;

/** What this process has: its own id in a file can also be left from another process that had the same. */
const mine = new Set<string>();

export interface ClaimedDirectory {
  path: string;
  /** It stays taken as long as this process lives too, e.g. a server that may outlive us. */
  shareWith: (pid: number) => void;
  /** Lets it go, for the next one to use. What is in it stays. */
  release: () => void;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isTaken(path: string, file: string): boolean {
  const owners = readFileSync(file, 'utf8').split('\n').map(Number);
  return owners.some((pid) => pid > 0 && (pid === process.pid ? mine.has(path) : isAlive(pid)));
}

function claim(path: string): boolean {
  mkdirSync(path, { recursive: true });
  const file = join(path, OWNERS);
  for (const again of [true, false]) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
      mine.add(path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!again || isTaken(path, file)) return false;
    // Its owners are dead. Moved away first, so that of two that find it only one goes on.
    const dead = `${file}.${process.pid}`;
    renameSync(file, dead);
    rmSync(dead, { force: true });
  }
  return false;
}

function claimed(path: string): ClaimedDirectory {
  const file = join(path, OWNERS);
  return {
    path,
    shareWith: (pid) => appendFileSync(file, `${pid}\n`),
    release: () => {
      rmSync(file, { force: true });
      mine.delete(path);
    },
  };
}

/**
 * Takes `base`, or where another living process has it `base-2`, `base-3`, …: two servers on one database file would
 * destroy it. What dead processes left is taken over.
 */
export function claimDirectory(base: string): ClaimedDirectory {
  for (let number = 1; number <= MOST; number += 1) {
    const path = number === 1 ? base : `${base}-${number}`;
    if (claim(path)) return claimed(path);
  }
  throw new Error(`${MOST} stacks use ${base} already: end some, or set ORGSAGA_HOME to another directory.`);
}
