import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST } from './program.js';

export interface Break {
  /** Path of the compiled file, without its ending. */
  file: string;
  /** Stands in it once. */
  from: string;
  to: string;
}

/** A copy of the build in which one thing is broken, to see that a checker finds it. */
export function brokenBuild({ file, from, to }: Break): { dist: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'orgsaga-broken-'));
  const dist = join(directory, 'dist');
  cpSync(DIST, dist, { recursive: true });
  for (const name of ['node_modules', 'package.json'])
    symlinkSync(join(DIST, '..', name), join(directory, name));
  const path = join(dist, `${file}.js`);
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${file}.js holds ${parts.length - 1} times: ${from}`);
  writeFileSync(path, parts.join(to));
  // Workflows run from their bundle, and what is broken may be one of them.
  execFileSync(process.execPath, [join(DIST, '..', 'scripts', 'setup', 'bundle-workflows.mjs'), dist]);
  return { dist, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
