import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './errors.mjs';

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Where executables are kept; src/dev/tools.ts looks in the same place at run time. */
export function toolsDirectory() {
  const { ORGSAGA_HOME, XDG_CACHE_HOME } = process.env;
  return join(resolve(ORGSAGA_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'orgsaga')), 'tools');
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The executable `name` on PATH, or undefined. */
export function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => resolve(folder, name)).find(isExecutable);
}

/** The executable that an environment variable names, or undefined where it is not set. */
export function fromVariable(variable) {
  const path = process.env[variable];
  if (!path) return undefined;
  if (isExecutable(path)) return resolve(path);
  throw new SetupError(`${variable} names ${path}, which is no executable file.`, 'Correct it or unset it.');
}
