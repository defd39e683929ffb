import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSecret, REDACTED, redact } from '../../src/security/redact.js';

const letters = (length: number) => 'a1B2c3D4'.repeat(Math.ceil(length / 8)).slice(0, length);
const jwt = `eyJhbGciOiJSUzI1NiJ9.${letters(200)}.${letters(300)}`;
const key = (kind: string) =>
  `-----BEGIN ${kind}-----\n${letters(64)}\n${letters(64)}+/=\n-----END ${kind}-----`;

/** Processor time in microseconds of the redaction of a million characters. */
function timeOf(unit: string): number {
  const text = unit.repeat(1_000_000 / unit.length);
  const start = process.cpuUsage().user;
  redact(text);
  return process.cpuUsage().user - start;
}

describe('redact', () => {
  it.each([
    ['ghp', `ghp_${letters(36)}`],
    ['gho', `gho_${letters(36)}`],
    ['ghu', `ghu_${letters(36)}`],
    ['ghr', `ghr_${letters(76)}`],
    ['ghs', `ghs_${letters(36)}`],
    ['ghs with a JWT', `ghs_12345_${jwt}`],
    ['fine-grained', `github_pat_${letters(22)}_${letters(59)}`],
    ['an old installation token', `v1.${'0123456789abcdef'.repeat(3).slice(0, 40)}`],
    ['JWT', jwt],
    ['RSA key', key('RSA PRIVATE KEY')],
    ['PKCS 8 key', key('PRIVATE KEY')],
    ['OpenSSH key', key('OPENSSH PRIVATE KEY')],
  ])('replaces the whole of %s, as text and inside JSON', (_, secret) => {
    expect(redact(`before ${secret} after`)).toBe(`before ${REDACTED} after`);
    const line = JSON.stringify({ msg: `before\n${secret}\nafter`, nested: JSON.stringify({ secret }) });
    const parsed = JSON.parse(redact(line));
    expect(parsed.msg).toBe(`before\n${REDACTED}\nafter`);
    expect(JSON.parse(parsed.nested)).toEqual({ secret: REDACTED });
  });

  it('replaces credentials in headers and URLs, and keeps what names them', () => {
    const cases: [string, string][] = [
      ['Authorization: Bearer abc.def', `Authorization: Bearer ${REDACTED}`],
      ['authorization: token abc, accept: x', `authorization: token ${REDACTED}, accept: x`],
      ['{"authorization":"Basic YTpi"}', `{"authorization":"Basic ${REDACTED}"}`],
      [
        String.raw`"{\"Authorization\":\"token x\"}"`,
        String.raw`"{\"Authorization\":\"token ${REDACTED}\"}"`,
      ],
      ['["authorization","token x","b"]', `["authorization","token ${REDACTED}","b"]`],
      ['{"authorization":null,"a":{"authorization":12}}', '{"authorization":null,"a":{"authorization":12}}'],
      ['{"authorization":["token x"]}', `{"authorization":["token ${REDACTED}"]}`],
      ['authorization=abcdef', `authorization=${REDACTED}`],
      [`curl -H 'bearer ${letters(20)}'`, `curl -H 'bearer ${REDACTED}'`],
      ['https://user:pass@example.com/x', `https://${REDACTED}@example.com/x`],
      ['postgres://me:p@ss@db:5432/x', `postgres://${REDACTED}@db:5432/x`],
      ['https://sometoken@example.com', `https://${REDACTED}@example.com`],
    ];
    for (const [text, expected] of cases) {
      expect(redact(text)).toBe(expected);
      expect(redact(expected)).toBe(expected);
    }
  });

  it('replaces a private key that is cut off', () => {
    const cut = key('RSA PRIVATE KEY').slice(0, 90);
    expect(redact(JSON.stringify({ cut, next: 'kept' }))).toBe(
      JSON.stringify({ cut: REDACTED, next: 'kept' }),
    );
  });

  it('leaves alone what is no credential', () => {
    const plain = [
      'acme/api: authorization failed, bearer of news, token expired',
      'https://api.github.com/repos/acme/api?page=2 and mail ada@example.com',
      'sha 0123456789abcdef0123456789abcdef01234567 ghost_writer eyJ',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    ];
    for (const text of plain) expect(redact(text)).toBe(text);
  });

  it('replaces known secrets in every form, the longer first', () => {
    const secret = 'p/ä"ss\nword+1';
    addSecret(secret.slice(0, 8));
    addSecret(secret);
    const forms = [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ];
    for (const form of forms) expect(redact(`<${form}>`)).toBe(`<${REDACTED}>`);
    addSecret('ab');
    expect(redact('about')).toBe('about');
  });

  it('never throws, keeps JSON lines valid and is idempotent', () => {
    const parts = fc.constantFrom(
      'authorization',
      ':',
      ' ',
      '"',
      '\\',
      '\n',
      'bearer ',
      'token ',
      '://',
      '@',
      'ghp_',
      'eyJ',
      '.',
      ',',
      '[',
      letters(20),
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
    );
    const texts = fc.array(fc.oneof(parts, fc.string({ maxLength: 5 })), { maxLength: 30 });
    fc.assert(
      fc.property(texts, (pieces) => {
        const line = redact(JSON.stringify({ msg: pieces.join(''), list: pieces }));
        JSON.parse(line);
        expect(redact(line)).toBe(line);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes time linear in the length, whatever the text', () => {
    const hostile = [
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN ',
      'eyJ',
      'eyJaaaaaaaaa.',
      '://',
      '://a',
      'ghp_',
      'authorization:',
    ];
    // A quadratic pattern takes minutes here; the bound is far from what a slow machine needs (milliseconds).
    for (const unit of hostile) expect(timeOf(unit), unit).toBeLessThan(5_000_000);
  });
});
