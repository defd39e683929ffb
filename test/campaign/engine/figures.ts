/** What a campaign counted, over one round or many. All times in milliseconds. */
export interface Figures {
  seeds: number[];
  /** Parts of GitHub that differ from what is wanted; intents in the store; effects that GitHub's journal has. */
  planned: number;
  accepted: number;
  applied: number;
  kills: { workers: number; servers: number; inWindow: number };
  /** Strikes by kind of fault. */
  faults: Record<string, number>;
  /** Writes whose answer did not tell what became of them. */
  unknownOutcomes: number;
  /** Violations by the rule's name. */
  found: Record<string, number>;
  /** Repositories by how their run ended. */
  ends: Record<string, number>;
  audit: { missing: number; extra: number };
  /** Histories that were replayed against the code; those that did not fit, and what workers said of such. */
  replayed: number;
  replayErrors: number;
  /** From each kill until all that was under way then had its outcome in the store. */
  recoveries: number[];
  violations: string[];
  milliseconds: number;
}

/** Rules of the checker that are printed also where nothing was found. */
const RULES = ['duplicate', 'lost', 'orphan', 'mixed', 'not undone', 'blind repeat', 'closed window'];

export const noFigures = (): Figures => ({
  seeds: [],
  planned: 0,
  accepted: 0,
  applied: 0,
  kills: { workers: 0, servers: 0, inWindow: 0 },
  faults: {},
  unknownOutcomes: 0,
  found: Object.fromEntries(RULES.map((rule) => [rule, 0])),
  ends: {},
  audit: { missing: 0, extra: 0 },
  replayed: 0,
  replayErrors: 0,
  recoveries: [],
  violations: [],
  milliseconds: 0,
});

export function count(counts: Record<string, number>, name: string, more = 1): void {
  counts[name] = (counts[name] ?? 0) + more;
}

/** Notes violations, counted by rule; the audit's also by how many effects and records have no counterpart. */
export function violate(figures: Figures, found: readonly string[]): void {
  for (const line of found) {
    figures.violations.push(line);
    count(figures.found, line.split(':')[0] ?? line);
    const [, effects, records] = /: (\d+) effects on GitHub, (\d+) recorded/.exec(line) ?? [];
    const missing = Number(effects ?? 0) - Number(records ?? 0);
    if (missing > 0) figures.audit.missing += missing;
    else figures.audit.extra -= missing;
  }
}

function total(into: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [name, amount] of Object.entries(from)) count(into, name, amount);
}

export function sum(all: readonly Figures[]): Figures {
  const result = noFigures();
  for (const one of all) {
    result.seeds.push(...one.seeds);
    result.violations.push(...one.violations);
    result.recoveries.push(...one.recoveries);
    for (const name of [
      'planned',
      'accepted',
      'applied',
      'unknownOutcomes',
      'replayed',
      'replayErrors',
      'milliseconds',
    ] as const)
      result[name] += one[name];
    for (const name of ['kills', 'faults', 'found', 'ends', 'audit'] as const) total(result[name], one[name]);
  }
  return result;
}

function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

/** The figures as `--json` prints them. */
export function summary(campaign: string, figures: Figures): Record<string, unknown> {
  const { recoveries, ends, milliseconds, ...rest } = figures;
  return {
    campaign,
    ...rest,
    ends: { ...ends, sum: Object.values(ends).reduce((all, amount) => all + amount, 0) },
    recoveryMs: {
      p50: percentile(recoveries, 0.5),
      p95: percentile(recoveries, 0.95),
      max: percentile(recoveries, 1),
    },
    seconds: Math.round(milliseconds / 1_000),
  };
}

const list = (counts: object): string =>
  Object.entries(counts)
    .map(([name, amount]) => `${name} ${String(amount)}`)
    .join(', ') || 'none';

/** Violations that are printed for a person; `--json` has them all. */
const SHOWN = 25;

/** The figures for a person. */
export function lines(campaign: string, figures: Figures): string[] {
  const { seeds, planned, accepted, applied, kills, faults, found, audit, replayed, replayErrors } = figures;
  const { ends, recoveryMs, seconds } = summary(campaign, figures) as {
    ends: Record<string, number>;
    recoveryMs: Record<string, number | null>;
    seconds: number;
  };
  return [
    `${campaign}: seeds ${seeds.join(' ')}; ${seconds} s`,
    `  planned ${planned}, accepted ${accepted}, applied ${applied}`,
    `  kills: ${list(kills)}`,
    `  faults: ${list(faults)}; unknown outcomes ${figures.unknownOutcomes}`,
    `  repositories: ${list(ends)}`,
    `  found: ${list(found)}`,
    `  audit: missing ${audit.missing}, extra ${audit.extra}; histories replayed ${replayed}, errors ${replayErrors}`,
    `  recovery ms: ${list(recoveryMs)}`,
    ...figures.violations.slice(0, SHOWN).map((line) => `  VIOLATION ${line}`),
    ...(figures.violations.length > SHOWN ? [`  and ${figures.violations.length - SHOWN} more`] : []),
  ];
}
