import type { Buffer } from 'node:buffer';

export interface Blob {
  sha: string;
  content: Buffer;
}

export interface Commit {
  sha: string;
  message: string;
  parent: string | null;
  date: string;
  files: ReadonlyMap<string, Blob>;
}
