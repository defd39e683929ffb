import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { checkTemplatePath } from '../security/identifiers.js';
import { findCredentialsInTemplate } from '../security/layers.js';
import type { LoadedStandards, TemplateContent } from './document.js';
import { hashDocument, templateContent } from './hash.js';
import { type ParsedStandards, problem, readStandards, sortProblems } from './parse.js';
import { type Path, type Problem, StandardsError } from './problem.js';
import { MOST_BYTES } from './yaml-bounds.js';

export { parseStandards } from './parse.js';
export { type Problem, StandardsError } from './problem.js';

/** A file that cannot be used, and why. */
class Unreadable extends Error {}

const REASONS: Record<string, string> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EISDIR: 'is a folder',
  EACCES: 'may not be read (permission denied)',
  ELOOP: 'is a symbolic link that leads back to itself',
  ENAMETOOLONG: 'has too long a name',
};

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const code = String(error.code);
    throw new Unreadable(REASONS[code] ?? `cannot be read (${code})`);
  }
}

/** The bytes of a regular file of at most 1 MiB. @throws Unreadable */
async function readBounded(path: string): Promise<Buffer> {
  return explained(async () => {
    const found = await stat(path);
    if (!found.isFile()) throw new Unreadable(found.isDirectory() ? 'is a folder' : 'is no regular file');
    if (found.size > MOST_BYTES) throw new Unreadable('is larger than 1 MiB, which a run cannot carry');
    return readFile(path);
  });
}

/** The text; or the line in which it is not UTF-8. */
function decode(bytes: Buffer): string | { badLine: number } {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return decoder.decode(bytes);
  } catch {
    let line = 1;
    for (let start = 0; start < bytes.length; line += 1) {
      const end = bytes.indexOf(0x0a, start);
      const stop = end < 0 ? bytes.length : end;
      try {
        decoder.decode(bytes.subarray(start, stop));
      } catch {
        break;
      }
      start = stop + 1;
    }
    return { badLine: line };
  }
}

/** Every template that the file names with a path that may be followed, and where it first names it. */
function namedTemplates(value: unknown): Map<string, Path> {
  const found = new Map<string, Path>();
  const walk = (part: unknown, path: Path): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, inner] of Object.entries(part)) {
      const place = [...path, Array.isArray(part) ? Number(key) : key];
      const isTemplate = key === 'from' && path.at(-2) === 'files' && typeof inner === 'string';
      if (isTemplate && checkTemplatePath(inner) === null && !found.has(inner)) found.set(inner, place);
      else walk(inner, place);
    }
  };
  walk(value, []);
  return found;
}

/** A template's bytes; symbolic links are followed inside the folder only. @throws Unreadable */
async function readTemplate(folder: string, from: string): Promise<Buffer> {
  const real = await explained(() => realpath(join(folder, from)));
  if (!real.startsWith(folder.endsWith(sep) ? folder : folder + sep))
    throw new Unreadable("leads out of the standards file's folder by a symbolic link");
  return readBounded(real);
}

interface Templates {
  contents: Map<string, TemplateContent>;
  problems: Problem[];
}

async function readTemplates(path: string, parsed: ParsedStandards, ownSize: number): Promise<Templates> {
  const templates: Templates = { contents: new Map(), problems: [] };
  const folder = await explained(() => realpath(dirname(resolve(path))));
  let total = ownSize;
  for (const [from, place] of namedTemplates(parsed.value)) {
    try {
      const bytes = await readTemplate(folder, from);
      total += bytes.length;
      if (total > MOST_BYTES) {
        templates.problems.push(
          parsed.problemAt(place, 'this file and its templates are larger than 1 MiB in all'),
        );
        break;
      }
      templates.contents.set(from, templateContent(bytes));
      for (const { line, message } of findCredentialsInTemplate(from, bytes))
        templates.problems.push(
          problem(join(dirname(path), from), line, 1, `files[${JSON.stringify(from)}]`, message),
        );
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      templates.problems.push(
        parsed.problemAt(place, `from: template ${JSON.stringify(from)} ${error.message}`),
      );
    }
  }
  return templates;
}

/**
 * The text of a file that a run is made of, of at most 1 MiB.
 * @param missing what to say besides where it is not there
 * @throws StandardsError
 */
export async function readSource(path: string, what: string, missing = ''): Promise<string> {
  const refuse = (line: number, text: string): never => {
    throw new StandardsError([problem(path, line, 1, '', text)]);
  };
  let bytes: Buffer;
  try {
    bytes = await readBounded(path);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const hint = error.message === REASONS['ENOENT'] ? missing : '';
    return refuse(1, `${what} ${error.message}${hint}`);
  }
  const text = decode(bytes);
  return typeof text === 'string' ? text : refuse(text.badLine, 'not UTF-8 text; save the file as UTF-8');
}

/**
 * Reads a standards file and the templates that it names, and judges all of it: schema, names, references, paths,
 * credentials. The templates are looked for in the file's folder and never outside it.
 * @throws StandardsError with everything that is wrong, in the order of the file
 */
export async function loadStandards(path: string): Promise<LoadedStandards> {
  const text = await readSource(
    path,
    'the standards file',
    '; `orgsaga init --org <organisation> -o FILE` writes one',
  );
  const parsed = readStandards(text, path);
  const templates = await readTemplates(path, parsed, Buffer.byteLength(text));
  const problems = [...parsed.problems, ...templates.problems];
  if (parsed.file === null || problems.length > 0) throw new StandardsError(sortProblems(problems));
  const document = { ...parsed.file, files: Object.fromEntries(templates.contents) };
  return { document, hash: hashDocument(document) };
}
