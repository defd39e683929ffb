import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../src');

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

it('only src/github imports octokit; the simulator may read its schema', () => {
  const others = sources(root)
    .filter((file) => !relative(root, file).startsWith('github/'))
    .filter((file) => /from '@octokit\/(?!graphql-schema')/.test(readFileSync(file, 'utf8')))
    .map((file) => relative(root, file));
  expect(others).toEqual([]);
  expect(
    sources(join(root, 'github')).some((file) => readFileSync(file, 'utf8').includes("from '@octokit/rest'")),
  ).toBe(true);
});

it('the policies are pure: they import nothing but each other', () => {
  for (const file of sources(join(root, 'policies')))
    expect(readFileSync(file, 'utf8').match(/from '(?!\.\/)[^']+'/g) ?? []).toEqual([]);
});
