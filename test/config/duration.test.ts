import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/config/duration.js';

describe('parseDuration', () => {
  it('gives milliseconds for each unit', () => {
    const texts = ['500ms', '30s', '10m', '1h', '7d', ' 0s '];
    expect(texts.map(parseDuration)).toEqual([500, 30_000, 600_000, 3_600_000, 604_800_000, 0]);
  });

  it('takes nothing else', () => {
    for (const text of ['', '5', 's', '1.5s', '-1s', '1 s', '1S', '1w', '1s2', '1e3s', '9999999999s']) {
      expect(parseDuration(text), text).toBeNull();
    }
  });

  it('never throws and never gives what is no whole number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,12}[a-z]{1,3}$/)), (text) => {
        const value = parseDuration(text);
        return value === null || Number.isSafeInteger(value);
      }),
    );
  });
});
