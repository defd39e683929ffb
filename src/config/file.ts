import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearest } from '../standards/nearest.js';
import { systemCode } from './error.js';
import { ConfigFile } from './schema.js';

const DEFAULT_NAME = 'orgsaga.config.yaml';

/**
 * The configuration file's settings, defaults filled in. A missing file is an error only where `named` names it.
 * What is wrong is added to `problems` with file, line and column, and the defaults are returned.
 */
export function readConfigFile(named: string | undefined, cwd: string, problems: string[]): ConfigFile {
  const name = named ?? DEFAULT_NAME;
  let text: string;
  try {
    text = readFileSync(resolve(cwd, name), 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (named !== undefined || code !== 'ENOENT') {
      const source = named === undefined ? '' : ' (named by ORGSAGA_CONFIG)';
      problems.push(
        `${name}${source} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`,
      );
    }
    return ConfigFile.parse({});
  }
  return parseConfigFile(text, name, problems);
}

function parseConfigFile(text: string, name: string, problems: string[]): ConfigFile {
  const lines = new LineCounter();
  const at = (offset: number | undefined) => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    problems.push(...document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`));
    return ConfigFile.parse({});
  }
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (error) {
    problems.push(`${name}: ${error instanceof Error ? error.message : 'cannot be resolved'}`);
    return ConfigFile.parse({});
  }
  const parsed = ConfigFile.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    for (const { path, message } of describe(issue)) {
      problems.push(
        `${at(offsetOf(document, path))}: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`,
      );
    }
  }
  return ConfigFile.parse({});
}

function describe(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const hint = near === null ? `known here: ${known.join(', ')}` : `did you mean ${near}?`;
      return { path: [...issue.path, key], message: `unknown key; ${hint}` };
    });
  }
  if (issue.code === 'invalid_key') {
    return [{ path: issue.path, message: issue.issues[0]?.message ?? issue.message }];
  }
  const message =
    issue.code === 'invalid_type' && issue.expected === 'object' ? 'must be a map of keys' : issue.message;
  return [{ path: issue.path, message }];
}

/** The keys that may stand under `path`: those of the defaults, and the optional ones, which have none. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  if (path[0] === 'tokens') return ['env', 'file'];
  let value: unknown = ConfigFile.parse({});
  for (const key of path) value = isRecord(value) ? value[String(key)] : undefined;
  return [...(path[0] === 'lanes' ? ['profile'] : []), ...(isRecord(value) ? Object.keys(value) : [])];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Where the key at `path` begins, or the nearest enclosing one that the text has. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find(
      ({ key }) => isScalar(key) && String(key.value) === String(path[length - 1]),
    );
    if (isScalar(pair?.key)) return pair.key.range?.[0];
  }
  return undefined;
}
