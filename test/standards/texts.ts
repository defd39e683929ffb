import { parseStandards } from '../../src/standards/parse.js';
import { type Problem, StandardsError } from '../../src/standards/problem.js';

/** Everything that is wrong with a text; empty where it is a standards file. */
export function problemsOf(text: string): readonly Problem[] {
  try {
    parseStandards(text, 'standards.yaml');
  } catch (error) {
    if (error instanceof StandardsError) return error.problems;
    throw error;
  }
  return [];
}

/** The file with these lines under its one organisation, from line 4 on, and under its one rule, from line 6 on. */
export const inOrganization = (...lines: string[]) =>
  ['version: 1', 'organizations:', '  - login: acme', ...lines.map((line) => `    ${line}`), ''].join('\n');
export const inRule = (...lines: string[]) =>
  inOrganization('repositories:', '  - match: ["*"]', ...lines.map((line) => `    ${line}`));
