import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.js';
import { fill } from '../../src/connectors/fill.js';
import { loadConnectors } from '../../src/connectors/load.js';

const directory = mkdtempSync(join(tmpdir(), 'orgsaga-load-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const example = resolve(import.meta.dirname, '../../examples/connectors/service-catalogue.js');

function module(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const COMPLETE = `{ name: 'mine', description: '', options: { safeParse: () => ({}) }, address: { variable: 'X_URL' },
  credentials: [['X_TOKEN']], idempotent: true, forward() {}, inspect() {}, compensate() {} }`;

describe('connectors of a configuration', () => {
  it('are found relative to its file', () => {
    writeFileSync(join(directory, 'other.yaml'), 'connectors: [./mine.js]\n');
    const env = { HOME: directory, ORGSAGA_CONFIG: join(directory, 'other.yaml') };
    expect(loadConfig(env, '/').connectors).toEqual([join(directory, 'mine.js')]);
    expect(loadConfig({ HOME: directory }, '/').connectors).toEqual([]);
  });

  it('stand beside ours', async () => {
    const registry = await loadConnectors([example, module('mine.mjs', `export default ${COMPLETE}`)]);
    expect(registry.names).toEqual(['buildkite', 'grafana', 'slack', 'service-catalogue', 'mine']);
    expect(registry.get('service-catalogue')?.description).toContain('catalogue');
    expect(registry.get('nobody')).toBeNull();
  });

  it.each([
    ['none.mjs', 'export const x = 1;', /default export of .*none\.mjs.*is no object/],
    ['nameless.mjs', `export default { ...${COMPLETE}, name: 'My Own' }`, /has no name/],
    ['blind.mjs', `export default { ...${COMPLETE}, inspect: 1 }`, /\(mine\) has no function inspect/],
    ['open.mjs', `export default { ...${COMPLETE}, options: {} }`, /no zod schema under options/],
    ['lost.mjs', `export default { ...${COMPLETE}, address: null }`, /address\.variable/],
    ['bare.mjs', `export default { ...${COMPLETE}, credentials: ['X_TOKEN'] }`, /credentials/],
    ['broken.mjs', 'export default {', /broken\.mjs.*cannot be loaded/],
    ['same.mjs', `export default { ...${COMPLETE}, name: 'slack' }`, /two connectors named slack/],
    ['github.mjs', `export default { ...${COMPLETE}, name: 'github' }`, /two connectors named github/],
  ])('%s is refused by name', async (name, text, said) => {
    await expect(loadConnectors([module(name, text)])).rejects.toThrow(said);
  });

  it('are documented by the example, word for word', () => {
    const docs = readFileSync(resolve(import.meta.dirname, '../../docs/connectors.md'), 'utf8');
    expect(docs).toContain(`\`\`\`js\n${readFileSync(example, 'utf8')}\`\`\``);
  });
});

describe('results of other steps in options', () => {
  it('are put in, and what is nobody of ours is left alone', () => {
    const options = { text: 'at ${steps.a.url}', list: ['$HOME ${HOME} {{ $x }}', '${steps.a.id}'], n: 1 };
    expect(fill(options, { a: { url: 'https://x', id: 7 } })).toEqual({
      text: 'at https://x',
      list: ['$HOME ${HOME} {{ $x }}', '7'],
      n: 1,
    });
  });

  it('are refused where there is none of that name', () => {
    expect(() => fill({ text: '${steps.a.nope}' }, { a: { url: 'x' } })).toThrow(/no nope; it has url/);
    expect(() => fill({ text: '${steps.b.url}' }, {})).toThrow(/step b/);
  });
});
