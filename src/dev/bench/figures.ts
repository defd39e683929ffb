import type { Round } from './measure.js';

/** What the project wants of itself; what is changed and read is kept, the rest depends on the machine and is looked at. */
export const AIMS = { requestsEachAtMost: 1.3, wallAtMost: 1, rateAtLeast: 0.7, usedAtLeast: 0.95 };

/** Requests of a run as the worst round had them. */
export interface Sent {
  reads: number;
  writes: number;
  changes: number;
}

/** Reads that a run over so many repositories may send. */
export const readsAtMost = (repositories: number): number => Math.floor(repositories / 50) + 10;

export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** The figures of all rounds with one number of repositories. Times in milliseconds, rates a second. */
export interface Figures {
  repositories: number;
  differences: number;
  readsAtMost: number;
  first: Sent;
  again: Sent;
  /** Whether every round changed what differs and no more, and read no more than it may. */
  countsMet: boolean;
  /** Requests of a first apply by the number of repositories. */
  requestsEach: Spread;
  plainRequestsEach: Spread;
  plainMs: Spread;
  applyMs: Spread;
  againMs: Spread;
  /** Wall time of orgsaga by that of the plain script in the same round. */
  wallRatio: Spread;
  changedPerSecond: Spread;
  barePerSecond: Spread;
  /** Changed repositories a second by bare child workflows a second in the same round. */
  rateRatio: Spread;
  /** What a first apply takes of the processor, milliseconds; null where the system does not tell. */
  githubCpuMs: Spread | null;
  workersCpuMs: Spread | null;
  /** Of Temporal for each changed repository: events in histories, Actions as Temporal Cloud bills them. */
  eventsEach: Spread;
  actionsEach: Spread;
  /** Of the workflow with the most events, in any round. */
  longestHistory: number;
  /** The most memory that the worker has had by the end of these rounds, bytes; null where the system does not tell. */
  memoryBytes: number | null;
}

/** Of rounds with the same number of repositories, at least one. The counts shown are the worst. */
export function figuresOf(rounds: readonly Round[]): Figures {
  const repositories = rounds[0]?.repositories ?? 0;
  const differences = rounds[0]?.differences ?? 0;
  const spread = (of: (round: Round) => number): Spread => spreadOf(rounds.map(of));
  const worst = (of: (round: Round) => number): number => Math.max(...rounds.map(of));
  const rate = (ms: number): number => (repositories * 1_000) / ms;
  const sent = (of: (round: Round) => Sent): Sent => ({
    reads: worst((round) => of(round).reads),
    writes: worst((round) => of(round).writes),
    changes: worst((round) => of(round).changes),
  });
  const figures = {
    repositories,
    differences,
    readsAtMost: readsAtMost(repositories),
    first: sent(({ first }) => first),
    again: sent(({ again }) => again),
  };
  return {
    ...figures,
    countsMet:
      rounds.every(({ first, again }) => first.changes === differences && again.writes === 0) &&
      Math.max(figures.first.reads, figures.again.reads) <= figures.readsAtMost,
    requestsEach: spread(({ first }) => first.requests / repositories),
    plainRequestsEach: spread(({ plain }) => plain.requests / repositories),
    plainMs: spread(({ plain }) => plain.wallMs),
    applyMs: spread(({ first }) => first.wallMs),
    againMs: spread(({ again }) => again.wallMs),
    wallRatio: spread(({ plain, first }) => first.wallMs / plain.wallMs),
    changedPerSecond: spread(({ first }) => rate(first.runMs)),
    barePerSecond: spread(({ bareMs }) => rate(bareMs)),
    rateRatio: spread(({ first, bareMs }) => bareMs / first.runMs),
    githubCpuMs: spreadOfKnown(rounds.map(({ first }) => first.cpu.github)),
    workersCpuMs: spreadOfKnown(rounds.map(({ first }) => first.cpu.workers)),
    eventsEach: spread(({ histories }) => histories.events / repositories),
    actionsEach: spread(({ histories }) => histories.actions / repositories),
    longestHistory: worst(({ histories }) => histories.longest.events),
    memoryBytes: rounds.at(-1)?.memoryBytes ?? null,
  };
}

function spreadOfKnown(values: readonly (number | null)[]): Spread | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : spreadOf(known);
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? 0;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, least: at(0), most: at(sorted.length - 1) };
}
