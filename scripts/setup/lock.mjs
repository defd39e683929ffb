import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SetupError } from './errors.mjs';
import { interruption } from './interruption.mjs';
import { isAlive, signalGroup, startTime } from './processes.mjs';
import { say } from './say.mjs';

const POLL_MS = 200;
/** Longer than the slowest set-up is allowed to take. */
const WAIT_AT_MOST_MS = 60 * 60_000;
const GRACE_MS = 3_000;

const TAKEN = new Set(['ENOTEMPTY', 'EEXIST']);

/** The file in the lock directory: its name is the owner, its content the process group the owner has started. */
const ownName = `${process.pid}-${startTime(process.pid)}`;
const processNamed = (name) => {
  const [pid, started] = name.split('-');
  return { pid: Number(pid), started };
};

/** A directory that holds our name comes to `path` by one rename, which fails where an owner is there. */
function tryCreate(path) {
  const prepared = mkdtempSync(`${path}-`);
  writeFileSync(join(prepared, ownName), '');
  try {
    renameSync(prepared, path);
    return true;
  } catch (error) {
    rmSync(prepared, { recursive: true, force: true });
    if (TAKEN.has(error.code)) return false;
    throw error;
  }
}

function ownerOf(path) {
  try {
    return readdirSync(path)[0];
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of all that see the same dead owner one wins: the rename of its file works once. */
function tryTakeOver(path, owner) {
  try {
    renameSync(join(path, owner), join(path, ownName));
    return true;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Ends the command that the dead owner left running, so that two never write to the same place. */
async function endOrphan(path) {
  const name = readFileSync(join(path, ownName), 'utf8');
  if (name === '' || !isAlive(processNamed(name))) return;
  const { pid } = processNamed(name);
  signalGroup(pid, 'SIGTERM');
  const deadline = Date.now() + GRACE_MS;
  while (isAlive(processNamed(name)) && Date.now() < deadline) await delay(50);
  signalGroup(pid, 'SIGKILL');
}

async function acquire(path) {
  const deadline = Date.now() + WAIT_AT_MOST_MS;
  let told = false;
  while (!tryCreate(path)) {
    const owner = ownerOf(path);
    if (owner !== undefined && !isAlive(processNamed(owner))) {
      if (!tryTakeOver(path, owner)) continue;
      await endOrphan(path);
      return;
    }
    if (Date.now() > deadline)
      throw new SetupError(
        `Another set-up (process ${processNamed(owner ?? '?').pid}) holds ${path} for over an hour.`,
        'End it, then run the same command again.',
      );
    if (owner !== undefined && !told)
      say(`Another set-up (process ${processNamed(owner).pid}) is at work; waiting for it to end…`);
    told ||= owner !== undefined;
    await delay(POLL_MS, undefined, { signal: interruption }).catch(() => interruption.throwIfAborted());
  }
}

function release(path) {
  rmSync(join(path, ownName), { force: true });
  try {
    rmdirSync(path);
  } catch (error) {
    // Between the two calls somebody else's directory came into its place.
    if (!TAKEN.has(error.code) && error.code !== 'ENOENT') throw error;
  }
}

/**
 * Does `work` while no other set-up on this machine holds the same lock; waits for one that does.
 * The lock of a process that died is taken over, after the command it left running has been ended.
 */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  await acquire(path);
  try {
    return await work({ remember: (pid) => writeFileSync(join(path, ownName), `${pid}-${startTime(pid)}`) });
  } finally {
    release(path);
  }
}
