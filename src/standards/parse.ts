import { hideCredentials } from '../security/credentials.js';
import { findCredentialsIn } from '../security/layers.js';
import { type Complaint, formatPath, type Path, type Problem, StandardsError } from './problem.js';
import { checkReferences } from './references.js';
import type { StandardsFile } from './schema.js';
import { checkSchema } from './schema-complaints.js';
import { readYaml, type YamlSource } from './yaml-source.js';

/** What a run can carry: the file and its templates together, in bytes. */
export const MOST_BYTES = 1024 * 1024;

/** A standards file that was read: what it says, and everything that is wrong with it. */
export interface ParsedStandards {
  /** Null where the schema refuses it. */
  file: StandardsFile | null;
  /** What the text holds, valid or not. */
  value: unknown;
  problems: Problem[];
  /** A problem at a place in the text. */
  problemAt(path: Path, text: string, atKey?: boolean): Problem;
}

/** A problem whose message is complete and holds no credential. */
export function problem(file: string, line: number, column: number, path: string, text: string): Problem {
  const message = hideCredentials(`${file}:${line}:${column}: ${text}`).replace(/\s*\n\s*/g, ' ');
  return { file, line, column, path: hideCredentials(path), message };
}

/** Whether a value's JSON stays below a size; aliases can make a small text a huge value. */
function isSmall(value: unknown): boolean {
  let left = MOST_BYTES;
  const take = (part: unknown): boolean => {
    left -= typeof part === 'string' ? part.length + 2 : 4;
    if (left < 0) return false;
    if (typeof part !== 'object' || part === null) return true;
    return Object.entries(part).every(([key, inner]) => (left -= key.length + 2) > 0 && take(inner));
  };
  return take(value);
}

function complaintsAbout(source: YamlSource): { file: StandardsFile | null; complaints: Complaint[] } {
  const { value } = source;
  if (value === null || value === undefined) {
    const text = 'the file is empty; `orgsaga init --org <organisation>` writes one from what is there';
    return { file: null, complaints: [{ path: [], text }] };
  }
  if (!isSmall(value))
    return {
      file: null,
      complaints: [{ path: [], text: 'larger than 1 MiB when its aliases are resolved' }],
    };
  const { file, complaints } = checkSchema(value);
  const credentials = findCredentialsIn(value).map(({ path, message }) => ({ path, text: message }));
  return { file, complaints: [...complaints, ...checkReferences(value), ...credentials] };
}

/** Reads a standards file's text and judges it; templates are not looked at. Pure, and never throws for the text. */
export function readStandards(text: string, fileName: string): ParsedStandards {
  let source: YamlSource;
  let judged: ReturnType<typeof complaintsAbout>;
  try {
    source = readYaml(text);
    judged = source.readable ? complaintsAbout(source) : { file: null, complaints: [] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const tooDeep = problem(fileName, 1, 1, '', 'nested too deeply to be read');
    return { file: null, value: null, problems: [tooDeep], problemAt: () => tooDeep };
  }
  const problemAt = (path: Path, said: string, atKey = false): Problem => {
    const { line, column } = source.locate({ path, atKey });
    return problem(fileName, line, column, formatPath(path), said);
  };
  const problems = [
    ...source.errors.map(({ line, column, text: said }) => problem(fileName, line, column, '', said)),
    ...judged.complaints.map(({ path, text: said, atKey }) => problemAt(path, said, atKey)),
  ];
  return { file: judged.file, value: source.value, problems, problemAt };
}

/** In the order of the file, each once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const once = [...new Map(problems.map((one) => [one.message, one])).values()];
  return once.toSorted((left, right) => left.line - right.line || left.column - right.column);
}

/**
 * What a standards file says, defaults filled in.
 * @throws StandardsError with everything that is wrong
 */
export function parseStandards(text: string, fileName: string): StandardsFile {
  const { file, problems } = readStandards(text, fileName);
  if (file === null || problems.length > 0) throw new StandardsError(sortProblems(problems));
  return file;
}
