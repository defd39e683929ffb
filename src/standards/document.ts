import type { StandardsFile } from './schema.js';

/** A template's bytes as they travel with a run. */
export interface TemplateContent {
  base64: string;
  /** Git's blob id (sha1), what GitHub calls a file's sha. */
  sha: string;
  sha256: string;
}

/**
 * The standards file as plain JSON that travels with a run: defaults filled in, and every template that it names
 * inside, by its `from`. Workers need nothing else, and never read the user's disk.
 */
export interface StandardsDocument extends StandardsFile {
  files: Record<string, TemplateContent>;
}

export interface LoadedStandards {
  document: StandardsDocument;
  /** Of the document, by {@link hashDocument}. */
  hash: string;
}
