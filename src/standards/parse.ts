import { hideCredentials } from '../security/credentials.js';
import { findCredentialsIn } from '../security/layers.js';
import { type Complaint, formatPath, type Path, type Problem, StandardsError } from './problem.js';
import { checkReferences } from './references.js';
import type { StandardsFile } from './schema.js';
import { checkSchema } from './schema-complaints.js';
import { readYaml, type YamlSource } from './yaml-source.js';

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

function complaintsAbout(source: YamlSource): { file: StandardsFile | null; complaints: Complaint[] } {
  const { value } = source;
  if (value === null || value === undefined) {
    const text = 'the file is empty; `orgsaga init --org <organisation>` writes one from what is there';
    return { file: null, complaints: [{ path: [], text }] };
  }
  const { file, complaints } = checkSchema(value);
  const credentials = findCredentialsIn(value).map(({ path, message }) => ({ path, text: message }));
  return { file, complaints: [...complaints, ...checkReferences(value), ...credentials] };
}

/** Reads a standards file's text and judges it; templates are not looked at. Pure, and never throws for the text. */
export function readStandards(text: string, fileName: string): ParsedStandards {
  const source = readYaml(text);
  const judged = source.readable ? complaintsAbout(source) : { file: null, complaints: [] };
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
