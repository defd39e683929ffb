import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../src/cli/duration.js';
import { processIo } from '../../src/cli/io.js';
import { lineProgress, treeProgress } from '../../src/cli/progress.js';
import { runTree } from '../../src/cli/run-tree.js';
import { oneLine, themeFor } from '../../src/cli/theme.js';
import { fakeDeps, letter, orgsaga, status, totals } from './support/fakes.js';

const plain = themeFor(new PassThrough(), {});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [12_345, '12.3 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min'],
    [245_000, '4 min 5 s'],
    [7_200_000, '2 h'],
    [604_800_000, '7 d'],
  ])('%i ms is %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

describe('colours', () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  it.each([
    ['a terminal has them', terminal, {}, true],
    ['NO_COLOR turns them off', terminal, { NO_COLOR: '1' }, false],
    ['NO_COLOR goes before FORCE_COLOR', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['a pipe has none', new PassThrough(), {}, false],
    ['FORCE_COLOR turns them on', new PassThrough(), { FORCE_COLOR: '1' }, true],
    ['a dumb terminal has none', terminal, { TERM: 'dumb' }, false],
  ])('%s', (_name, stream, env, on) => {
    expect(themeFor(stream, env).isColorSupported).toBe(on);
  });
});

describe('oneLine', () => {
  it('takes out what could drive a terminal', () => {
    expect(oneLine(' a\r\nb\u001b[2Jc\u202ed\u009be ')).toBe('a b [2Jc d e');
  });
});

describe('runTree', () => {
  it('shows counts, what waits, and cuts long lists', () => {
    const deadLetters = Array.from({ length: 25 }, (_, index) => letter(`acme/r${index}`));
    const lines = runTree(
      status({
        state: 'AwaitingOperator',
        reason: '25 dead letters wait',
        totals: totals({ repositories: 30, committed: 4, skipped: 1, deadLettered: 25 }),
        deadLetters,
        skipped: [{ item: 'acme/old', reason: 'archived' }],
      }),
      plain,
    );
    expect(lines[1]).toBe('│  25 dead letters wait');
    expect(lines).toContain('├─ repositories: 30 of 30 (4 committed, 25 dead-lettered, 1 skipped)');
    expect(lines).toContain('├─ dead letters (25)');
    expect(lines).toContain('│  └─ and 5 more');
    expect(lines.slice(-2)).toEqual(['└─ skipped (1)', '   └─ acme/old  archived']);
  });

  it.each([
    ['AwaitingApproval', null, 'waits for an approval'],
    ['Cancelled', null, 'not approved'],
    ['Committed', 'bob', 'approved by bob'],
  ] as const)('says whether the plan of a run that is %s waits', (state, approvedBy, says) => {
    const plan = { hash: 'abc', items: 1, changes: 2, approvedBy, shown: [] };
    const lines = runTree(status({ state, plan }), plain);
    expect(lines).toContain(`│  plan abc: 2 changes to 1 items, ${says}`);
  });

  it('names the finished steps of a dead letter that keeps some', () => {
    const kept = letter('acme/a', { finishedSteps: ['settings', 'files/a'] });
    const lines = runTree(status({ deadLetters: [kept, letter('acme/b')] }), plain);
    expect(lines.slice(-2)).toEqual([
      '   ├─ acme/a  protection/main: GitHub said no  (finished: settings, files/a)',
      '   └─ acme/b  protection/main: GitHub said no',
    ]);
  });
});

describe('the text of dead letters', () => {
  it.each([
    ['names the finished steps of those that keep some', ['settings', 'files/a']],
    ['says nothing of finished steps where none keeps any', []],
  ])('%s', async (_name, finishedSteps) => {
    const letters = [letter('acme/a', { finishedSteps }), letter('acme/c')];
    const deps = fakeDeps({ client: { deadLetters: async () => letters } });
    const said = async (...args: string[]) => (await orgsaga(['dlq', ...args], deps)).stdout;
    const [list, kept, other] = [
      await said('list'),
      await said('show', 'acme/a'),
      await said('show', 'acme/c'),
    ];
    if (finishedSteps.length > 0) {
      expect(list).toMatch(/RUN +FINISHED\n.* settings, files\/a\n/);
      expect(kept).toContain('\nfinished      settings, files/a\n');
    } else expect(list + kept).not.toMatch(/finished/i);
    expect(other).not.toContain('finished');
  });
});

const at = (committed: number, state: 'Running' | 'Compensating' = 'Running') =>
  status({ state, phase: 'page 1', totals: totals({ repositories: 9, committed }) });

describe('lineProgress', () => {
  it('writes a line at a change of state or phase, and else one every five seconds', () => {
    const lines: string[] = [];
    const stderr = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()));
    let now = 0;
    const progress = lineProgress({ ...processIo, stderr }, () => now);
    for (const [time, shown] of [
      [0, at(1)],
      [10, at(2)],
      [4_999, at(3)],
      [5_000, at(4)],
      [5_001, at(4, 'Compensating')],
      [60_000, at(4, 'Compensating')],
    ] as const) {
      now = time;
      progress.update(shown);
    }
    expect(lines).toEqual([
      'Running: page 1 (1 of 9 repositories: 1 committed)\n',
      'Running: page 1 (4 of 9 repositories: 4 committed)\n',
      'Compensating: page 1 (4 of 9 repositories: 4 committed)\n',
    ]);
  });
});

const draws = (size: { columns: number; rows: number }): string[] => {
  const written: string[] = [];
  const stream = new PassThrough().on('data', (chunk: Buffer) => written.push(chunk.toString()));
  const progress = treeProgress({ ...processIo, env: {}, stderr: Object.assign(stream, size) });
  const skipped = Array.from({ length: 15 }, (_, index) => ({
    item: `acme/r${index}`,
    reason: 'archived' as const,
  }));
  progress.update(status({ skipped }));
  written.push('END');
  progress.end();
  return written;
};

describe('treeProgress', () => {
  it('takes away as many rows as it drew', () => {
    const written = draws({ columns: 200, rows: 50 });
    const drawn = written.slice(0, written.indexOf('END')).join('').split('\n').length - 1;
    expect(drawn).toBe(19);
    expect(written[written.indexOf('END') + 1]).toBe(`\u001b[${drawn}A`);
  });

  it('stays within the terminal, also one that does not tell its size', () => {
    for (const size of [
      { columns: 0, rows: 0 },
      { columns: 200, rows: 10 },
    ]) {
      const written = draws(size);
      const drawn = written.slice(0, written.indexOf('END')).join('').split('\n').length - 1;
      expect(drawn).toBeGreaterThan(2);
      expect(drawn).toBeLessThan(size.rows || 24);
    }
  });
});
