import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolsDirectory } from '../../../src/dev/tools.js';

const VERSION = '23.0.2';
const FILE = 'requests.json';
const SOURCE = 'package/generated/api.github.com.json';

export type Schema = Record<string, unknown>;

export interface Operation {
  query: Record<string, Schema>;
  /** Null: the operation takes no body. */
  body: Schema | null;
  bodyRequired: boolean;
}

/** Path template to method in lower case. */
export type Operations = Record<string, Record<string, Operation>>;

interface Parameter {
  name: string;
  in: string;
  schema?: Schema;
}

interface SourceOperation {
  parameters?: (Parameter & { $ref?: string })[];
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Schema }> };
}

/** The value with every `$ref` replaced by what it points to. */
function inlined(document: unknown, value: unknown, depth = 0): unknown {
  if (depth > 40) throw new Error('the references of the OpenAPI document go round in a circle');
  if (Array.isArray(value)) return value.map((item) => inlined(document, item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const reference = (value as { $ref?: unknown }).$ref;
  if (typeof reference === 'string') {
    let target = document;
    for (const key of reference.slice(2).split('/')) target = (target as Record<string, unknown>)[key];
    return inlined(document, target, depth + 1);
  }
  const kept = Object.entries(value).filter(([key]) => key !== 'example' && key !== 'examples');
  return Object.fromEntries(kept.map(([key, item]) => [key, inlined(document, item, depth + 1)]));
}

function operationOf(document: unknown, source: SourceOperation): Operation {
  const parameters = inlined(document, source.parameters ?? []) as Parameter[];
  const content = source.requestBody?.content?.['application/json'];
  return {
    query: Object.fromEntries(
      parameters.filter((each) => each.in === 'query').map((each) => [each.name, each.schema ?? {}]),
    ),
    body: content === undefined ? null : (inlined(document, content.schema ?? {}) as Schema),
    bodyRequired: source.requestBody?.required === true,
  };
}

/** Of the whole document only what requests are checked by: responses and examples are most of it. */
function requestsOf(document: { paths: Record<string, Record<string, unknown>> }): Operations {
  const operations: Operations = {};
  for (const [path, item] of Object.entries(document.paths)) {
    const methods = Object.entries(item).filter(([key]) => /^(get|post|put|patch|delete)$/.test(key));
    operations[path] = Object.fromEntries(
      methods.map(([method, source]) => [method, operationOf(document, source as SourceOperation)]),
    );
  }
  return operations;
}

/** Age at which another's half-made installation is taken for abandoned, in milliseconds. */
const ABANDONED = 10 * 60_000;

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`openapi-${VERSION}.part-`)) continue;
    const path = join(folder, name);
    const made = await stat(path).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > ABANDONED)
      await rm(path, { recursive: true, force: true });
  }
}

async function install(target: string): Promise<void> {
  await mkdir(toolsDirectory(), { recursive: true });
  await removeAbandoned(toolsDirectory());
  const temporary = await mkdtemp(`${target}.part-`);
  try {
    const run = promisify(execFile);
    const limits = { cwd: temporary, timeout: 120_000 };
    await run('npm', ['pack', `@octokit/openapi@${VERSION}`, '--silent'], limits);
    await run('tar', ['-xzf', `octokit-openapi-${VERSION}.tgz`, SOURCE], limits);
    const document = JSON.parse(await readFile(join(temporary, SOURCE), 'utf8')) as Parameters<
      typeof requestsOf
    >[0];
    const made = join(temporary, 'made');
    await mkdir(made);
    await writeFile(join(made, FILE), JSON.stringify(requestsOf(document)));
    // Another process may have been first; its copy is as good.
    await rename(made, target).catch((error: unknown) => {
      if (!existsSync(join(target, FILE))) throw error;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `GitHub's OpenAPI document could not be installed by npm: ${reason}. Check the network, then run again.`,
      { cause: error },
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * GitHub's REST operations as its official OpenAPI document describes their requests. Installed into the cache at the
 * first use (28 MB are fetched, 0.6 MB kept); stopped half-way it begins anew the next time.
 */
export async function openApiOperations(): Promise<Operations> {
  const target = join(toolsDirectory(), `openapi-${VERSION}`);
  if (!existsSync(join(target, FILE))) await install(target);
  return JSON.parse(await readFile(join(target, FILE), 'utf8')) as Operations;
}
