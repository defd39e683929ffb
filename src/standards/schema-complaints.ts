import type { z } from 'zod';
import { knownKeys, standardsJsonSchema } from './json-schema.js';
import type { JsonObject } from './model.js';
import { nearest, nearestKey } from './nearest.js';
import { type Complaint, formatPath, type Path } from './problem.js';
import { standardsFile } from './schema.js';

type Issue = z.core.$ZodIssue;

/** The value at a path of anything; undefined where there is none. */
function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return 'a list';
  return (
    { string: 'text', number: 'a number', boolean: 'true or false', object: 'a map of keys' }[
      typeof value as string
    ] ?? typeof value
  );
}

const EXPECTED: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
};

const quoted = (values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join(', ');

function wrongType(expected: string, value: unknown): string {
  const hint =
    expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')
      ? '; put it in quotes'
      : '';
  return `expected ${EXPECTED[expected] ?? expected}, got ${typeName(value)}${hint}`;
}

function wrongValue(values: readonly unknown[], value: unknown): string {
  if (typeof value === 'object')
    return `expected ${values.length === 1 ? '' : 'one of '}${quoted(values)}, got ${typeName(value)}`;
  const near =
    typeof value === 'string'
      ? nearest(
          value,
          values.filter((one) => typeof one === 'string'),
        )
      : null;
  const hint = near === null ? '' : `; did you mean ${JSON.stringify(near)}?`;
  return `expected ${values.length === 1 ? '' : 'one of '}${quoted(values)}, got ${JSON.stringify(value)}${hint}`;
}

function size(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const limit = issue.code === 'too_small' ? Number(issue.minimum) : Number(issue.maximum);
  const bound = issue.code === 'too_small' ? 'at least' : 'at most';
  if (issue.origin === 'array')
    return limit === 1 && issue.code === 'too_small'
      ? 'may not be empty'
      : `must have ${bound} ${limit} elements`;
  if (issue.origin === 'string')
    return limit === 1 && issue.code === 'too_small'
      ? 'may not be empty'
      : `must be ${bound} ${limit} characters long`;
  return `must be ${bound} ${limit}`;
}

/** Of a choice that nothing fits, the branch that comes nearest: the one that gets farthest into the value. */
function nearestBranch(branches: readonly Issue[][]): Issue[] {
  const depth = (issues: Issue[]): number =>
    Math.max(...issues.map((issue) => issue.path.length + (issue.code === 'invalid_type' ? 0 : 0.5)));
  return [...branches].toSorted((left, right) => depth(right) - depth(left))[0] ?? [];
}

const suggestion = ({ key, isNear }: { key: string; isNear: boolean }): string =>
  isNear ? `; did you mean ${JSON.stringify(key)}?` : `; the nearest known key is ${JSON.stringify(key)}`;

function complaintsOf(issue: Issue, base: Path, root: unknown, schema: JsonObject): Complaint[] {
  const path = [...base, ...issue.path];
  const value = valueAt(root, path);
  const name = formatPath(path.slice(-1)) || 'the file';
  const say = (text: string): Complaint[] => [{ path, text: `${name}: ${text}` }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const known = nearestKey(key, knownKeys(schema, path));
        const said = JSON.stringify(key);
        const hint = known === null ? '' : suggestion(known);
        const text =
          known?.key === key ? `key ${said} does not go with "absent: true"` : `unknown key ${said}${hint}`;
        return { path: [...path, key], text, atKey: true };
      });
    case 'invalid_type':
      return value === undefined
        ? [{ path, text: `missing key ${JSON.stringify(String(path.at(-1)))}` }]
        : say(wrongType(issue.expected, value));
    case 'invalid_value':
      return value === undefined
        ? [{ path, text: `missing key ${JSON.stringify(String(path.at(-1)))}` }]
        : say(wrongValue(issue.values, value));
    case 'too_small':
    case 'too_big':
      return say(size(issue));
    case 'invalid_union':
      if (issue.errors.length === 0) return say(wrongValue([true, false], value));
      return nearestBranch(issue.errors).flatMap((one) => complaintsOf(one, path, root, schema));
    case 'invalid_key':
      return issue.issues.map((one) => ({ path, text: one.message, atKey: true, pattern: true }));
    case 'custom':
      return [{ path, text: issue.message, pattern: true }];
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
      return say(issue.message);
  }
}

/** What the schema has against a value that was read from YAML; and the file, where it is nothing. */
export function checkSchema(value: unknown): {
  file: z.output<typeof standardsFile> | null;
  complaints: Complaint[];
} {
  return checkAgainst(standardsFile, standardsJsonSchema, value);
}

/** What any schema of ours has against a value; `keys` gives the same as a JSON Schema, for suggestions. */
export function checkAgainst<T>(
  schema: z.ZodType<T>,
  keys: () => JsonObject,
  value: unknown,
): { file: T | null; complaints: Complaint[] } {
  const result = schema.safeParse(value);
  if (result.success) return { file: result.data, complaints: [] };
  const known = keys();
  return {
    file: null,
    complaints: result.error.issues.flatMap((issue) => complaintsOf(issue, [], value, known)),
  };
}
