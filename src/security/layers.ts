import type { StandardsDocument } from '../standards/document.js';
import type { Complaint, Path } from '../standards/problem.js';
import { checkReferences } from '../standards/references.js';
import { checkSchema } from '../standards/schema-complaints.js';
import { findCredentials, hideCredentials } from './credentials.js';
import { checkTemplatePath } from './identifiers.js';

/** The layers that judge what may be written to GitHub. */
export type Layer = 'type' | 'pattern' | 'path_traversal' | 'credential';

/** Why a document is refused. Names the rule and the place, never a credential. */
export interface Finding {
  layer: Layer;
  rule: string;
  /** Keys and list positions in the document; for a template's content `['files', from]`. */
  path: Path;
  /** From 1: the line in a template, or in a text of several lines. */
  line: number;
  message: string;
}

/** Every text in a value, keys included, with where it stands. */
function* textsIn(value: unknown, path: Path): Generator<{ text: string; path: Path; key: boolean }> {
  if (typeof value === 'string') yield { text: value, path, key: false };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) yield { text: key, path: [...path, key], key: true };
    yield* textsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function credential(rule: string, path: Path, line: number, where: string): Finding {
  return {
    layer: 'credential',
    rule,
    path,
    line,
    message: `${where} holds a credential (${rule}); take it out and revoke it`,
  };
}

/** Credentials in any text of a value that was read from YAML, valid or not. */
export function findCredentialsIn(value: unknown): Finding[] {
  return [...textsIn(value, [])].flatMap(({ text, path, key }) =>
    findCredentials(text).map(({ rule, index }) =>
      credential(rule, path, lineAt(text, index), key ? 'this key' : 'this value'),
    ),
  );
}

/** Credentials in a template's bytes, which are taken as they are, text or not. */
export function findCredentialsInTemplate(from: string, bytes: Buffer): Finding[] {
  const text = bytes.toString('latin1');
  return findCredentials(text).map(({ rule, index }) =>
    credential(rule, ['files', from], lineAt(text, index), `template ${from}`),
  );
}

/** Whether a place in the document holds a path of a file. */
function isPathField(path: Path): boolean {
  const name = path.at(-1);
  return path.at(-3) === 'files' && (name === 'path' || name === 'from');
}

function schemaFinding({ path, text, pattern }: Complaint): Finding {
  const layer = pattern !== true ? 'type' : isPathField(path) ? 'path_traversal' : 'pattern';
  return { layer, rule: 'schema', path, line: 1, message: hideCredentials(text) };
}

/** Templates that came along under a name that leads elsewhere. */
function strayTemplates(files: StandardsDocument['files']): Finding[] {
  return Object.keys(files).flatMap((from) => {
    const reason = checkTemplatePath(from);
    if (reason === null) return [];
    const message = hideCredentials(`template ${JSON.stringify(from)} ${reason}`);
    return [{ layer: 'path_traversal', rule: 'path', path: ['files', from], line: 1, message } as const];
  });
}

/**
 * The validation layers over a whole document, before anything of it is sent anywhere: types; identifiers' patterns,
 * by which nothing breaks out of a query or a URL; paths; credentials in every text and every template. Empty where
 * it may be used. The document may come from anywhere, whatever its type says.
 */
export function validateStandards(document: StandardsDocument): Finding[] {
  const { files, ...rest } = document;
  return [
    ...[...checkSchema(rest).complaints, ...checkReferences(rest)].map(schemaFinding),
    ...strayTemplates(files),
    ...findCredentialsIn(rest),
    ...Object.entries(files).flatMap(([from, { base64 }]) =>
      findCredentialsInTemplate(from, Buffer.from(base64, 'base64')),
    ),
  ];
}
