/** One thing that is wrong with a standards file, and where. */
export interface Problem {
  file: string;
  /** From 1. */
  line: number;
  column: number;
  /** In the document, e.g. `organizations[0].settings.description`; empty for the file as a whole. */
  path: string;
  /** Complete, with the place in front: `standards.yaml:12:7: unknown key "x"`. Never holds a credential. */
  message: string;
}

/** The standards file cannot be used. Carries everything that is wrong with it, in the order of the file. */
export class StandardsError extends Error {
  override readonly name = 'StandardsError';

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map((problem) => problem.message).join('\n'));
  }
}

/** Keys and list positions from the document's root. */
export type Path = readonly PropertyKey[];

/** A complaint about a place in the document, before that place is found in the text. */
export interface Complaint {
  path: Path;
  /** Without the place. */
  text: string;
  /** Point at the last part of `path` as a key instead of at its value. */
  atKey?: boolean;
  /** It is about how a name is written, not about types and keys. */
  pattern?: boolean;
}

/** A path as a person reads it. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}
