import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCredentials, hideCredentials } from '../../src/security/credentials.js';

/** Parts are joined here, so that no scanner takes this file for a leak. */
const samples: [string, string][] = [
  ['github-token', ['ghp', 'a1B2'.repeat(9)].join('_')],
  ['github-token', ['gho', 'a1B2'.repeat(9)].join('_')],
  ['github-app-token', ['ghs', 'a1B2'.repeat(9)].join('_')],
  ['github-app-token', ['ghs', '12345', `eyJ${'a1-_'.repeat(100)}.${'b2'.repeat(20)}`].join('_')],
  ['github-fine-grained-token', ['github', 'pat', `${'A1'.repeat(11)}_${'b2'.repeat(29)}b`].join('_')],
  ['aws-access-key-id', ['AKIA', 'ABCDEFGH12345678'].join('')],
  ['aws-access-key-id', ['ASIA', 'ABCDEFGH12345678'].join('')],
  ['private-key', ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ')],
  ['private-key', ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')],
  ['private-key', ['-----BEGIN PGP', 'PRIVATE KEY BLOCK-----'].join(' ')],
  ['slack-token', ['xoxb', '123456789012-abcdefghij'].join('-')],
  [
    'slack-webhook',
    ['https://hooks.slack.com', 'services', 'T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX'].join('/'),
  ],
  ['npm-token', ['npm', 'a1B2'.repeat(9)].join('_')],
  ['url-password', ['postgres://app', 'hunter22@db.internal/app'].join(':')],
];

const harmless = [
  'https://example.com:8080/a@b',
  'git@github.com:acme/api.git',
  ['https://user', '${PASSWORD}@example.com'].join(':'),
  ['https://user', '{{ password }}@example.com'].join(':'),
  'ghp_short',
  'a commit id: 0123456789abcdef0123456789abcdef01234567',
  '-----BEGIN PUBLIC KEY-----',
  'npm_config_registry',
  'the AKIA prefix',
];

describe('credentials', () => {
  it.each(samples)('%s is found where it stands', (rule, text) => {
    const found = findCredentials(`say: "${text}" and so on`);
    expect(found).toEqual([{ rule, index: expect.any(Number) as number }]);
    expect(found[0]?.index).toBeGreaterThan(4);
  });

  it.each(harmless)('%j is none', (text) => expect(findCredentials(text)).toEqual([]));

  it('finds each of several, in order', () => {
    const [first, last] = [samples[0]?.[1] ?? '', samples[12]?.[1] ?? ''];
    expect(findCredentials(`${first}\n${last}`).map(({ rule }) => rule)).toEqual([
      'github-token',
      'npm-token',
    ]);
  });

  it('leaves none in a text that is shown', () => {
    const parts = fc.oneof(fc.constantFrom(...samples.map(([, text]) => text)), fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (texts) => {
        const shown = hideCredentials(texts.join(' '));
        expect(findCredentials(shown)).toEqual([]);
      }),
    );
  });

  it('takes linear time', () => {
    const started = performance.now();
    for (const unit of ['ghp_', '://a:', '-----BEGIN ', 'AKIA', 'xoxb-', 'npm_a', '://', 'a'])
      findCredentials(unit.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
