import { z } from 'zod';
import { findCredentialsIn } from '../security/layers.js';
import { readSource } from './load.js';
import type { JsonObject } from './model.js';
import { problem, sortProblems } from './parse.js';
import { type Complaint, formatPath, StandardsError } from './problem.js';
import { checkAgainst } from './schema-complaints.js';
import { outOfBounds } from './yaml-bounds.js';
import { readYaml } from './yaml-source.js';

/** A file of one of our schemas, as its author knows it. */
export interface YamlFormat<T> {
  schema: z.ZodType<T>;
  /** For messages, e.g. `the repository file`. */
  name: string;
  /** What is wrong beyond its schema with a value as it was read, of which the schema may refuse other parts. */
  also?: (value: unknown) => Complaint[];
}

/** The format as a JSON Schema, for editors and for suggestions. */
export function formatSchema<T>({ schema }: YamlFormat<T>): JsonObject {
  return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))) as JsonObject;
}

/** Everything that is wrong with a value: its schema, and credentials in any text of it. */
export function judge<T>(format: YamlFormat<T>, value: unknown): { file: T | null; complaints: Complaint[] } {
  const out = outOfBounds(value);
  if (out !== null) return { file: null, complaints: [out] };
  const { file, complaints } = checkAgainst(format.schema, () => formatSchema(format), value);
  const credentials = findCredentialsIn(value).map(({ path, message }) => ({ path, text: message }));
  const more = format.also?.(value) ?? [];
  return { file, complaints: [...complaints, ...credentials, ...more] };
}

/** What a text of that format says. @throws StandardsError with everything that is wrong, each with its line */
export function parseYamlFile<T>(text: string, path: string, format: YamlFormat<T>): T {
  const source = readYaml(text);
  const { file, complaints } = source.readable
    ? source.value === null || source.value === undefined
      ? { file: null, complaints: [{ path: [], text: 'the file is empty' } satisfies Complaint] }
      : judge(format, source.value)
    : { file: null, complaints: [] };
  const problems = [
    ...source.errors.map(({ line, column, text: said }) => problem(path, line, column, '', said)),
    ...complaints.map((complaint) => {
      const { line, column } = source.locate(complaint);
      return problem(path, line, column, formatPath(complaint.path), complaint.text);
    }),
  ];
  if (file === null || problems.length > 0) throw new StandardsError(sortProblems(problems));
  return file;
}

/** Reads a file of that format. @throws StandardsError */
export async function loadYamlFile<T>(path: string, format: YamlFormat<T>): Promise<T> {
  return parseYamlFile(await readSource(path, format.name), path, format);
}
