import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the checkout and all that it imports as JavaScript, for tests that need processes of their own. */
export function compiled(file: string): { path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'orgsaga-compiled-'));
  const project = join(directory, 'tsconfig.json');
  const compilerOptions = { rootDir: root, outDir: directory, noCheck: true, types: [], declaration: false };
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      files: [join(root, file)],
      include: [],
    }),
  );
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
  execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project], {
    stdio: 'pipe',
  });
  return {
    path: join(directory, file.replace(/\.ts$/, '.js')),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
