import { describe, expect, it } from 'vitest';
import { validateStandards } from '../../src/security/layers.js';
import type { StandardsDocument } from '../../src/standards/document.js';
import type { JsonObject } from '../../src/standards/model.js';
import { documentOf, FAKE_TOKEN } from '../standards/support.js';

const good = () =>
  documentOf(
    {
      repositories: [
        { match: ['*'], files: [{ path: 'a', from: 't/a' }], labels: [{ name: 'x', color: 'FFFFFF' }] },
      ],
    },
    { 't/a': 'text\n' },
  );

/** A document as it may come from anywhere but {@link loadStandards}. */
function tampered(change: (organization: JsonObject) => void): StandardsDocument {
  const document = good();
  change(document.organizations[0] as unknown as JsonObject);
  return document;
}

describe('validation layers', () => {
  it('has nothing against a document that was loaded', () => expect(validateStandards(good())).toEqual([]));

  it.each([
    ['type', 'login', (o: JsonObject) => void (o['on_failure'] = 'maybe')],
    ['type', 'unknown key', (o: JsonObject) => void (o['extra'] = 1)],
    [
      'pattern',
      'identifier that would break out of a query',
      (o: JsonObject) => void (o['login'] = "a' or '1'='1"),
    ],
    [
      'path_traversal',
      'path out of the repository',
      (o: JsonObject) =>
        void (o['repositories'] = [{ match: ['*'], files: [{ path: '../x', from: 't/a', via: 'commit' }] }]),
    ],
    [
      'credential',
      'token in a text',
      (o: JsonObject) => void (o['settings'] = { description: `see ${FAKE_TOKEN}` }),
    ],
  ])('refuses by the layer %s: %s', (layer, _what, change) => {
    const findings = validateStandards(tampered(change));
    expect(findings.map((finding) => finding.layer)).toEqual([layer]);
  });

  it('does not take a quotation mark in a text for an attack', () => {
    const document = documentOf({ settings: { description: "Robert'); DROP TABLE students;--" } });
    expect(validateStandards(document)).toEqual([]);
  });

  it('names rule, template and line of a credential, never the credential', () => {
    const document = documentOf(
      { repositories: [{ match: ['*'], files: [{ path: 'a', from: 't/a' }] }] },
      { 't/a': `one\ntwo\ntoken: ${FAKE_TOKEN}\n` },
    );
    const [finding, ...others] = validateStandards(document);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      layer: 'credential',
      rule: 'github-token',
      path: ['files', 't/a'],
      line: 3,
    });
    expect(JSON.stringify(finding)).not.toContain(FAKE_TOKEN.slice(4, 12));
  });

  it('never shows a credential that stands where a name belongs', () => {
    const findings = validateStandards(tampered((o) => void (o['login'] = FAKE_TOKEN)));
    expect(findings.map(({ layer }) => layer)).toEqual(['pattern', 'credential']);
    expect(findings.map(({ message }) => message).join()).not.toContain(FAKE_TOKEN.slice(4, 12));
  });

  it('refuses a template that came along under a name that leads elsewhere', () => {
    const document = good();
    document.files['../../etc/passwd'] = document.files['t/a'] ?? { base64: '', sha: '', sha256: '' };
    expect(validateStandards(document)).toMatchObject([
      { layer: 'path_traversal', path: ['files', '../../etc/passwd'] },
    ]);
  });
});
