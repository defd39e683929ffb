import { describe, expect, it } from 'vitest';
import { createLogger, temporalLogger } from '../../src/log.js';
import { addSecret } from '../../src/security/redact.js';

function sink(isTTY = false) {
  const lines: string[] = [];
  return { lines, isTTY, write: (text: string) => lines.push(text) };
}

describe('The log', () => {
  it('writes one JSON line an event, from its level up', () => {
    const out = sink();
    const log = createLogger('info', out);
    log.debug('unseen');
    log.info({ run: 'r1' }, 'two\nlines');
    log.child({ org: 'acme' }).warn('next');
    expect(out.lines.length).toBe(2);
    expect(out.lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
    expect(JSON.parse(out.lines[0] ?? '')).toMatchObject({ level: 30, run: 'r1', msg: 'two\nlines' });
    expect(JSON.parse(out.lines[1] ?? '')).toMatchObject({ level: 40, org: 'acme', msg: 'next' });
  });

  it('lets no credential through, in a message, a field, an error, its cause or a bound field', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    addSecret('known\nsecret');
    for (const terminal of [false, true]) {
      const out = sink(terminal);
      const log = createLogger('trace', out);
      const error = new Error(`refused ${token}`, { cause: new Error(`inner ${token} known\nsecret`) });
      log.info({ headers: { authorization: `token ${token}`, list: [token] } }, `with ${token}`);
      log.error({ err: error, error }, 'failed');
      log.child({ url: `https://x:${token}@github.com` }).info('known\nsecret');
      createLogger('info', out).warn({ err: error }, 'brief');
      expect(out.lines.length).toBe(4);
      expect(out.lines.join('')).not.toContain(token);
      expect(out.lines.join('')).not.toMatch(/known(\n|\\n)secret/);
    }
  });

  it('gives an error its message and causes, and a stack only from level debug down', () => {
    const out = sink();
    const error = new TypeError('outer', { cause: new Error('inner') });
    createLogger('info', out).error({ err: error }, 'failed');
    createLogger('debug', out).error({ err: error }, 'failed');
    expect(JSON.parse(out.lines[0] ?? '').err).toEqual({ type: 'TypeError', message: 'outer: inner' });
    expect(JSON.parse(out.lines[1] ?? '').err.stack).toContain('log.test');
  });

  it('is readable on a terminal', () => {
    const out = sink(true);
    createLogger('info', out).info({ run: 'r1' }, 'started');
    expect(out.lines[0]).toContain('started');
    expect(out.lines[0]).not.toContain('{"level"');
  });

  it("carries Temporal's events at their levels", () => {
    const out = sink();
    const temporal = temporalLogger(createLogger('info', out));
    temporal.debug('unseen');
    temporal.log('WARN', 'slow', { taskQueue: 'orgsaga', big: 5n, [Symbol('time')]: 7n });
    temporal.error('failed', { error: new Error('reason') });
    expect(out.lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, msg: 'slow', taskQueue: 'orgsaga' },
      { level: 50, msg: 'failed', error: { message: 'reason' } },
    ]);
  });
});
