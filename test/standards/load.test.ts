import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadStandards, StandardsError } from '../../src/standards/load.js';
import { FAKE_TOKEN } from './support.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orgsaga-standards-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content);

/** A file with one rule whose files come from these templates. */
const naming = (...from: string[]): string =>
  `version: 1\norganizations:\n  - login: acme\n    repositories:\n      - match: ["*"]\n        files:\n${from
    .map((one, index) => `          - { path: f${index}, from: "${one}" }\n`)
    .join('')}`;

async function messages(name = 'standards.yaml'): Promise<string[]> {
  try {
    await loadStandards(join(folder, name));
  } catch (error) {
    if (error instanceof StandardsError)
      return error.problems.map(({ message }) => message.replaceAll(folder, ''));
    throw error;
  }
  return [];
}

const hashOf = async (name: string) => (await loadStandards(join(folder, name))).hash;

describe('loadStandards', () => {
  it('brings the templates along with the hashes that git and others know them by', async () => {
    mkdirSync(join(folder, 't'));
    write('t/a', 'hello\n');
    write('standards.yaml', naming('t/a', 't/a'));
    const { document, hash } = await loadStandards(join(folder, 'standards.yaml'));
    expect(document.files).toEqual({
      't/a': {
        base64: 'aGVsbG8K',
        // git hash-object and sha256sum of that text
        sha: 'ce013625030ba8dba906f756967f9e9ca394464a',
        sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
      },
    });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it('has one hash for one content, however it is written, and another for another', async () => {
    write('a', 'one\n');
    write('one.yaml', naming('a'));
    write('two.yaml', `# a comment\n${naming('a').replace('version: 1\n', '')}version: 1\n`);
    const first = await hashOf('one.yaml');
    expect(await hashOf('two.yaml')).toBe(first);
    write('a', 'two\n');
    expect(await hashOf('one.yaml')).not.toBe(first);
  });

  it('says what to do when the file is not there', async () => {
    expect(await messages()).toEqual([
      '/standards.yaml:1:1: the standards file is not there; `orgsaga init --org <organisation> -o FILE` writes one',
    ]);
  });

  it('refuses a folder, a file of other than UTF-8 text, and one that is too large', async () => {
    mkdirSync(join(folder, 'folder'));
    write('latin1.yaml', Buffer.from('version: 1\n# caf\xe9\n', 'latin1'));
    write('large.yaml', `# ${'x'.repeat(1024 * 1024)}\n`);
    expect(await messages('folder')).toEqual(['/folder:1:1: the standards file is a folder']);
    expect(await messages('latin1.yaml')).toEqual([
      '/latin1.yaml:2:1: not UTF-8 text; save the file as UTF-8',
    ]);
    expect(await messages('large.yaml')).toEqual([
      '/large.yaml:1:1: the standards file is larger than 1 MiB, which a run cannot carry',
    ]);
  });

  it('tells problems of the file and of its templates together', async () => {
    mkdirSync(join(folder, 'dir'));
    write('standards.yaml', `${naming('gone', 'dir', '../up', '/etc/passwd')}        topic: [a]\n`);
    expect(await messages()).toEqual([
      '/standards.yaml:7:31: from: template "gone" is not there',
      '/standards.yaml:8:31: from: template "dir" is a folder',
      '/standards.yaml:9:31: template "../up" may not leave its folder by ".."',
      '/standards.yaml:10:31: template "/etc/passwd" must be relative',
      '/standards.yaml:11:9: unknown key "topic"; did you mean "topics"?',
    ]);
  });

  it('follows a symbolic link inside the folder only', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'orgsaga-outside-'));
    writeFileSync(join(outside, 'secret'), 'x');
    write('inside', 'x');
    symlinkSync(join(folder, 'inside'), join(folder, 'good'));
    symlinkSync(join(outside, 'secret'), join(folder, 'bad'));
    symlinkSync(outside, join(folder, 'dir'));
    write('standards.yaml', naming('good', 'bad', 'dir/secret'));
    const out = "leads out of the standards file's folder by a symbolic link";
    expect(await messages()).toEqual([
      `/standards.yaml:8:31: from: template "bad" ${out}`,
      `/standards.yaml:9:31: from: template "dir/secret" ${out}`,
    ]);
    rmSync(outside, { recursive: true });
  });

  it('refuses file and templates that are larger than 1 MiB in all', async () => {
    write('a', 'x'.repeat(600_000));
    write('b', 'y'.repeat(600_000));
    write('standards.yaml', naming('a', 'b'));
    expect(await messages()).toEqual([
      '/standards.yaml:8:31: this file and its templates are larger than 1 MiB in all',
    ]);
  });

  it('finds a credential in a template, and says the line, not the credential', async () => {
    write('env', `# one\nTOKEN=${FAKE_TOKEN}\n`);
    write('standards.yaml', naming('env'));
    expect(await messages()).toEqual([
      '/env:2:1: template env holds a credential (github-token); take it out and revoke it',
    ]);
  });

  it('takes a file with a byte order mark and Windows line ends', async () => {
    write('a', 'x');
    write('standards.yaml', `\ufeff${naming('a').replaceAll('\n', '\r\n')}`);
    expect((await loadStandards(join(folder, 'standards.yaml'))).document.organizations).toHaveLength(1);
  });
});
