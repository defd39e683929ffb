import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { countsOf, usedOf } from '../../src/dev/bench/counts.js';
import { type Figures, figuresOf } from '../../src/dev/bench/figures.js';
import type { Round } from '../../src/dev/bench/measure.js';
import { cpuOf, cpuOfAll, spentSince } from '../../src/dev/bench/processor.js';
import type { Scaled } from '../../src/dev/bench/scaling.js';
import { boundsKept, type Streamed } from '../../src/dev/bench/streaming.js';
import type { JournalEntry } from '../../src/dev/github/index.js';

const PROGRAM = fileURLToPath(new URL('../../dist/dev/bench/main.js', import.meta.url));
const run = promisify(execFile);

describe('the bench, with real processes', () => {
  let stdout: string;

  beforeAll(async () => {
    expect(existsSync(PROGRAM), 'npm run build makes the program that is tested').toBe(true);
    const args = ['--repos', '3,12', '--stream', '3,120', '--workers', '1', '--quick', '--json'];
    ({ stdout } = await run(process.execPath, [PROGRAM, ...args]));
  });

  it('prints one JSON value with the figures of each number of repositories, smallest first', () => {
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(figuresIn(stdout).map(({ repositories }) => repositories)).toEqual([3, 12]);
  });

  it('sees a first apply change what differs, by fewer requests, and an apply with nothing to do write nothing', () => {
    for (const { repositories, first, again } of figuresIn(stdout)) {
      expect(first.changes).toBe(repositories * 4);
      expect(first.writes).toBeLessThan(repositories * 4);
      expect(again.writes).toBe(0);
    }
  });

  it('sees neither apply read more than a fiftieth of the repositories and ten', () => {
    for (const { repositories, first, again } of figuresIn(stdout)) {
      expect(first.reads).toBeGreaterThan(0);
      expect(again.reads).toBeGreaterThan(0);
      expect(Math.max(first.reads, again.reads)).toBeLessThanOrEqual(repositories / 50 + 10);
    }
  });

  it('counts what a first apply leaves in Temporal: each repository has a workflow, and its page and run have theirs', () => {
    for (const one of figuresIn(stdout)) {
      const { repositories, eventsEach, actionsEach, longestHistory, githubCpuMs, workersCpuMs } = one;
      expect(eventsEach.median).toBeGreaterThan(10);
      expect(eventsEach.median * repositories).toBeGreaterThan(longestHistory);
      expect(actionsEach.median).toBeGreaterThan(2);
      expect(actionsEach.median).toBeLessThan(eventsEach.median);
      expect(githubCpuMs?.median).toBeGreaterThan(0);
      expect(workersCpuMs?.median).toBeGreaterThan(0);
    }
  });

  it('reads organisations that are right by a request for each page, in a run, page by page and all at once', () => {
    const { streamed } = JSON.parse(stdout) as { streamed: Streamed[] };
    expect(streamed.map(({ repositories }) => repositories)).toEqual([3, 120]);
    const [small, large] = streamed;
    expect((large?.requests ?? 0) - (small?.requests ?? 0)).toBe(1);
    expect(large?.longest).toMatchObject({ type: 'apply' });
    for (const { longest, memory } of streamed) {
      expect(longest.events).toBeGreaterThan(10);
      expect(Math.min(memory.worker ?? 0, memory.stream, memory.all)).toBeGreaterThan(30 * 1_048_576);
    }
    expect(boundsKept(streamed)).toBe(true);
  });

  it('has the workers that were asked for do it', () => {
    const { scaled } = JSON.parse(stdout) as { scaled: Scaled[] };
    expect(scaled.map(({ workers }) => workers)).toEqual([1]);
    for (const { perSecond, runMs, requestsEach } of scaled) {
      expect(perSecond).toBeCloseTo(12_000 / runMs, 6);
      expect(requestsEach).toBeGreaterThan(1);
    }
    expect(scaled[0]?.speedUp).toBe(1);
  });
});

describe('what the bench says of streaming', () => {
  const streamed: Streamed = {
    repositories: 500,
    readsAtMost: 20,
    requests: 20,
    runMs: 1_000,
    longest: { type: 'apply', events: 2_000 },
    memory: { worker: null, stream: 1, all: 1 },
  };

  it('is that the bounds are kept only where no run asks too much or has too long a history', () => {
    expect(boundsKept([streamed, streamed])).toBe(true);
    expect(boundsKept([streamed, { ...streamed, requests: 21 }])).toBe(false);
    expect(boundsKept([{ ...streamed, longest: { type: 'apply', events: 2_001 } }, streamed])).toBe(false);
  });
});

describe('what the bench makes of its rounds', () => {
  const round: Round = {
    repositories: 100,
    differences: 400,
    plain: { requests: 401, reads: 1, writes: 400, changes: 400, limited: 0, wallMs: 10_000 },
    first: {
      requests: 410,
      reads: 10,
      writes: 400,
      changes: 400,
      limited: 0,
      wallMs: 12_000,
      runMs: 10_000,
      cpu: { github: 2_000, workers: null },
    },
    again: { requests: 10, reads: 10, writes: 0, changes: 0, limited: 0, wallMs: 1_000 },
    histories: { workflows: 102, events: 3_000, actions: 700, longest: { type: 'page', events: 500 } },
    memoryBytes: 300_000_000,
    bareMs: 5_000,
  };

  it('shows the median and the spread of ratios within a round', () => {
    const slow = { ...round, first: { ...round.first, wallMs: 20_000, runMs: 20_000 } };
    const even = { ...round, plain: { ...round.plain, wallMs: 8_000 } };
    const figures = figuresOf([slow, round, even]);
    expect(figures.wallRatio).toEqual({ median: 1.5, least: 1.2, most: 2 });
    expect(figures.rateRatio).toEqual({ median: 0.5, least: 0.25, most: 0.5 });
    expect(figures.changedPerSecond.most).toBe(10);
    expect(figures.barePerSecond.median).toBe(20);
    expect(figures.requestsEach.median).toBe(4.1);
    expect(figures.githubCpuMs).toEqual({ median: 2_000, least: 2_000, most: 2_000 });
    expect(figures.workersCpuMs).toBeNull();
  });

  it('tells the processor time of a process, and not that of one that is not there', () => {
    const before = { github: cpuOf(process.pid), workers: cpuOfAll([process.pid, process.pid]) };
    for (const end = performance.now() + 50; performance.now() < end; ) Math.sqrt(end);
    const spent = spentSince(before, { github: cpuOf(process.pid), workers: null });
    expect(spent.github).toBeGreaterThan(10);
    expect(before.workers).toBeGreaterThanOrEqual(2 * (before.github ?? 0));
    expect(spent.workers).toBeNull();
    expect(cpuOfAll([process.pid, 2 ** 30])).toBeNull();
  });

  it('says that the counts are met only where every round wrote what differs and read little', () => {
    const { first, again } = round;
    const wrong: Round[] = [
      { ...round, first: { ...first, changes: 401 } },
      { ...round, first: { ...first, changes: 399 } },
      { ...round, again: { ...again, writes: 1 } },
      { ...round, first: { ...first, reads: 13 } },
      { ...round, again: { ...again, reads: 13 } },
    ];
    expect(figuresOf([round, round]).countsMet).toBe(true);
    for (const one of wrong) expect(figuresOf([round, one]).countsMet).toBe(false);
  });
});

const request = (second: number, points: number, status = 200, path = '/repos/acme/api'): JournalEntry => ({
  n: second,
  type: 'request',
  at: 1_000_000 + second * 1_000,
  method: 'PATCH',
  path,
  status,
  token: null,
  user_agent: '',
  points,
  in_closed_window: false,
});
const isRest = ({ path }: { path: string }): boolean => path !== '/graphql';

describe('what the bench counts in a journal', () => {
  it('are reads, writes, and answers that a limit gave', () => {
    const entries = [
      request(0, 1),
      request(1, 5),
      request(2, 5, 403),
      request(3, 5, 429),
      request(4, 1, 404),
    ];
    expect(countsOf(entries)).toEqual({ requests: 5, reads: 2, writes: 3, changes: 0, limited: 2 });
  });

  it('is how much of a budget was used, in whole minutes that have something to send after them', () => {
    const minutes = [0, 10, 59, 60, 119].map((second) => request(second, 100));
    const graphql = request(30, 500, 200, '/graphql');
    expect(usedOf([...minutes, graphql, request(125, 5)], isRest, 250)).toBe(1);
    expect(usedOf([...minutes.slice(0, 3), request(61, 5)], isRest, 400)).toBe(0.75);
    expect(usedOf(minutes.slice(0, 3), isRest, 400)).toBeNull();
    expect(usedOf([], isRest, 400)).toBeNull();
  });
});

function figuresIn(text: string): Figures[] {
  return (JSON.parse(text) as { figures: Figures[] }).figures;
}
