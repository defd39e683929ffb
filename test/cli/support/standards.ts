import type { LoadedStandards } from '../../../src/standards/document.js';
import { standardsFile } from '../../../src/standards/schema.js';

/** A small valid file, as if it had been read. */
export const loadedStandards = (): LoadedStandards => ({
  document: {
    ...standardsFile.parse({
      version: 1,
      organizations: [{ login: 'acme', repositories: [{ match: ['*'], settings: { has_wiki: false } }] }],
    }),
    files: {},
  },
  hash: 'f'.repeat(64),
});
