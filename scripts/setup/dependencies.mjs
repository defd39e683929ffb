import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { run } from './run.mjs';

const MODULES = join(root, 'node_modules');
const STAMP = join(MODULES, '.orgsaga-stamp');
/** npm writes this file last, so it is there only where an installation came to its end. */
const INSTALLED = join(MODULES, '.package-lock.json');
const LOCKFILE = join(root, 'package-lock.json');
const TIMEOUT_MS = 15 * 60_000;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Packages with binaries differ by platform and by Node's major version. */
function stampOf(lockfile) {
  const machine = `${process.platform}-${process.arch}-${process.versions.modules}`;
  return `${createHash('sha256').update(lockfile).digest('hex')} ${machine}`;
}

/** True where somebody ran `npm ci` by hand: what is installed is what the lockfile asks for. */
function installedByHand(lockfile) {
  const text = read(INSTALLED);
  if (text === undefined || read(STAMP) !== undefined) return false;
  const installed = JSON.parse(text).packages;
  const wanted = Object.entries(JSON.parse(lockfile).packages).filter(([path]) => path !== '');
  return wanted.every(([path, { version, optional, devOptional }]) =>
    installed[path] === undefined ? optional || devOptional : installed[path].version === version,
  );
}

/** True where node_modules is whole and of this lockfile. */
function dependenciesAreCurrent() {
  const lockfile = readFileSync(LOCKFILE, 'utf8');
  if (read(STAMP) === stampOf(lockfile)) return true;
  if (!installedByHand(lockfile)) return false;
  writeFileSync(STAMP, stampOf(lockfile));
  return true;
}

export const dependencies = {
  title: 'Installing dependencies (about a minute, once)…',
  step: 'Installing dependencies',
  folder: MODULES,
  isCurrent: dependenciesAreCurrent,
  /** npm removes node_modules before it installs; the stamp goes first and comes last, so a half-made one has none. */
  async make({ lock, note }) {
    const lockfile = readFileSync(LOCKFILE, 'utf8');
    rmSync(STAMP, { force: true });
    rmSync(INSTALLED, { force: true });
    await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
      cwd: root,
      timeoutMs: TIMEOUT_MS,
      lock,
      onLine: note,
    });
    writeFileSync(STAMP, stampOf(lockfile));
  },
};
