import { createHash } from 'node:crypto';
import type { StandardsDocument, TemplateContent } from './document.js';
import { canonicalJson } from './json.js';
import type { Json } from './model.js';

/** SHA-256 of the document's canonical JSON, in hex. The same content has the same hash, however it was written. */
export function hashDocument(document: StandardsDocument): string {
  const json = JSON.parse(JSON.stringify(document)) as Json;
  return createHash('sha256').update(canonicalJson(json)).digest('hex');
}

/** A template's bytes with the two hashes that others know it by. */
export function templateContent(bytes: Buffer): TemplateContent {
  return {
    base64: bytes.toString('base64'),
    sha: blobSha(bytes),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Git's id of a blob, what GitHub calls a file's sha. */
export function blobSha(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
