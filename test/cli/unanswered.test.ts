import { describe, expect, it } from 'vitest';
import { Unanswered } from '../../src/api/unanswered.js';

const NOW = 1_000_000;
const S = 1_000;

/** Workers that began their last polls so long ago, milliseconds. */
const polled = (...ago: number[]) => new Unanswered(async () => ago.map((one) => NOW - one));

describe('that no worker polls', () => {
  it('is said once, after 10 s without an answer, where nobody has polled', async () => {
    const workers = polled();
    expect(await workers.unanswered(NOW - 9 * S, NOW)).toBe(false);
    expect(await workers.unanswered(NOW - 5 * S, NOW + 1 * S)).toBe(true);
    expect(await workers.unanswered(NOW, NOW + 20 * S)).toBe(false);
  });

  it('is not said of a question that hung with a killed worker while another one polls', async () => {
    const workers = polled(40 * S, 3 * S);
    expect(await workers.unanswered(NOW - 11 * S, NOW)).toBe(false);
    expect(await workers.unanswered(NOW - 1 * S, NOW)).toBe(false);
  });

  it('needs a second question where somebody may be polling idly', async () => {
    const hung = polled(40 * S);
    expect(await hung.unanswered(NOW - 11 * S, NOW)).toBe(false);
    hung.answered();
    expect(await hung.unanswered(NOW - 11 * S, NOW)).toBe(false);
    expect(await hung.unanswered(NOW - 1 * S, NOW)).toBe(true);
  });

  it('is not said where the server does not tell who polls', async () => {
    const workers = new Unanswered(() => Promise.reject(new Error('it is lost')));
    expect(await workers.unanswered(NOW - 11 * S, NOW)).toBe(false);
  });
});
