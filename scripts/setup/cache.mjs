import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toolsDirectory } from './paths.mjs';

const UNFINISHED = '.unfinished-';

/**
 * Fills the folder `name` of the cache: `fill` writes into a temporary folder, which gets its name when `fill` is done.
 * Call it under the cache's lock: what earlier set-ups left unfinished is removed.
 */
export async function fillCacheFolder(name, fill) {
  const tools = toolsDirectory();
  mkdirSync(tools, { recursive: true });
  for (const entry of readdirSync(tools))
    if (entry.startsWith(UNFINISHED)) rmSync(join(tools, entry), { recursive: true, force: true });
  const temporary = mkdtempSync(join(tools, UNFINISHED));
  try {
    await fill(temporary);
    const target = join(tools, name);
    rmSync(target, { recursive: true, force: true });
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
