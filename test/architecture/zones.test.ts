import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const oxlint = join(root, 'node_modules/.bin/oxlint');

/** A file that breaks one import zone each: the lint of the tree is only worth something while these fail it. */
const VIOLATIONS: [string, string][] = [
  ['src/transaction/engine.ts', "import { x } from '@temporalio/workflow';"],
  ['src/transaction/call.ts', "import { x } from '../github/client.js';"],
  ['src/policies/lanes.ts', "import { x } from '../standards/model.js';"],
  ['src/standards/diff.ts', "import { x } from '../github/client.js';"],
  ['src/github/client.ts', "import { x } from '../store/store.js';"],
  ['src/store/open.ts', "import { x } from '@temporalio/client';"],
  ['src/workflows/page.ts', "import { x } from '../activities/index.js';"],
  ['src/workflows/page.ts', "import { x } from 'node:fs';"],
  ['src/activities/step.ts', "import { x } from '@octokit/rest';"],
  ['src/cli/commands/plan.ts', "import { x } from '@temporalio/client';"],
  ['src/api/watch.ts', "import { x } from '../cli/main.js';"],
];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orgsaga-zones-'));
  await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function lint(file: string): Promise<string> {
  return new Promise((done) => {
    execFile(oxlint, [file], { cwd: folder, timeout: 30_000 }, (_, stdout) => done(stdout));
  });
}

describe('import zones', () => {
  it.each(VIOLATIONS)('%s may not: %s', async (file, line) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${line}\n\nexport const y = x;\n`);
    expect(await lint(file)).toContain('no-restricted-imports');
  });

  it('let a workflow import types of activities', async () => {
    const file = 'src/workflows/ask.ts';
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(
      join(folder, file),
      "import type { X } from '../activities/interface.js';\n\nexport type Y = X;\n",
    );
    expect(await lint(file)).not.toContain('no-restricted-imports');
  });
});
