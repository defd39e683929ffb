import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';
import { run } from './run.mjs';

const SOURCES = join(root, 'src');
const DIST = join(root, 'dist');
/** Beside dist, not below another folder: the source maps hold relative paths. */
const FRESH = join(root, '.dist-new');
const OLD = join(root, '.dist-old');
const STAMP = '.orgsaga-stamp';
const BUNDLER = fileURLToPath(new URL('./bundle-workflows.mjs', import.meta.url));
const TIMEOUT_MS = 5 * 60_000;

/** One hash over everything that decides what a build holds. */
function stampOfSources() {
  const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const hash = createHash('sha256');
  for (const file of [
    join(root, 'package.json'),
    join(root, 'package-lock.json'),
    join(root, 'tsconfig.json'),
    BUNDLER,
    ...files.toSorted(),
  ])
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

function isCurrent() {
  const stamp = join(DIST, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOfSources();
}

function makeCommandsExecutable(folder) {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const target of Object.values(bin ?? {})) {
    const file = join(folder, relative('dist', target));
    if (existsSync(file)) chmodSync(file, 0o755);
  }
}

export const build = {
  title: 'Building (some seconds)…',
  step: 'Building',
  folder: DIST,
  isCurrent,
  /** All is written into a new folder that takes dist's place when it is whole. */
  async make({ lock, note }) {
    const stamp = stampOfSources();
    rmSync(FRESH, { recursive: true, force: true });
    rmSync(OLD, { recursive: true, force: true });
    try {
      const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const how = { cwd: root, timeoutMs: TIMEOUT_MS, lock, onLine: note };
      const options = ['--outDir', FRESH, '--noEmitOnError', '--pretty', 'false'];
      await run(process.execPath, [compiler, '-p', root, ...options], how);
      await run(process.execPath, [BUNDLER, FRESH], how);
      makeCommandsExecutable(FRESH);
      writeFileSync(join(FRESH, STAMP), stamp);
      if (existsSync(DIST)) renameSync(DIST, OLD);
      renameSync(FRESH, DIST);
    } finally {
      rmSync(FRESH, { recursive: true, force: true });
      rmSync(OLD, { recursive: true, force: true });
    }
  },
};
