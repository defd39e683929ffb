import type { EffectEntry, FaultRule, RequestEntry } from '../../../src/dev/github/index.js';
import { seededRandom } from '../../../src/dev/github/random.js';
import type { AuditRow } from '../../support/checker/audit.js';
import { orderFindings } from '../../support/checker/order.js';
import { differingParts } from '../../support/checker/writes.js';
import { type Evidence, findings, type Report, readAudit } from '../../support/checker.js';
import { wanted as asStandards, type OrganizationDump } from '../../support/organization.js';
import type { Ran } from '../../support/program.js';
import { bundleOf } from './builds.js';
import type { Campaign, Size } from './campaign.js';
import { count, type Figures, noFigures, violate } from './figures.js';
import { historiesOf, misfits } from './replays.js';
import type { Stage } from './stage.js';

export interface RunReport extends Report {
  run: string;
  reason: string | null;
  parked?: readonly unknown[];
  conflicts?: readonly unknown[];
}

/** What a command printed with `--json`. @throws Error with all that it said where it ended with another code */
export function reportOf(ran: Ran, ...codes: number[]): RunReport {
  if (!codes.includes(ran.code))
    throw new Error(`ended with ${ran.code}, not with ${codes.join(' or ')}: ${ran.stdout}${ran.stderr}`);
  return JSON.parse(ran.stdout) as RunReport;
}

/** What a campaign knows that the checker does not. */
export interface Judgement {
  kept?: boolean;
  wanted?: OrganizationDump;
  /** Judged once more later: counted then. */
  interim?: boolean;
  /** Puts right what the campaign itself allows. */
  mend?: (evidence: Evidence) => Evidence;
  /** Findings that the campaign itself allows. */
  forgive?: (evidence: Evidence) => (finding: string) => boolean;
  /** What the campaign looks at beside the checker. */
  also?: (evidence: Evidence) => string[];
}

/** One organisation from an instant on, to be judged by what GitHub saw of it since. */
export class Subject {
  private constructor(
    readonly round: Round,
    readonly login: string,
    readonly before: OrganizationDump,
    readonly mark: number,
    private readonly judgement: Judgement,
    /** The store's last record of the organisation before. */
    private readonly record: number,
  ) {}

  static async of(round: Round, login: string, judgement: Judgement = {}): Promise<Subject> {
    const { github, store } = round.stage;
    const record = readAudit(store, login).at(-1)?.id ?? 0;
    return new Subject(round, login, await github.dump(login), await github.mark(), judgement, record);
  }

  /** What GitHub did for it since; with requests, which other organisations share. */
  async entries() {
    return (await this.round.stage.github.since(this.mark)).filter(
      (entry) => entry.type === 'request' || entry.organization === this.login,
    );
  }

  async effects(): Promise<EffectEntry[]> {
    return (await this.entries()).filter((entry) => entry.type === 'effect');
  }

  /** Judges what a run began after it had lost its lock: it is still under way, so nothing else can be said of it. */
  async judgeOrder(lockLost: { run: string; at: number }): Promise<void> {
    violate(this.round.figures, orderFindings({ audit: this.audit(), lockLost }));
  }

  private rows() {
    return readAudit(this.round.stage.store, this.login);
  }

  private audit() {
    return this.rows().filter(({ id }) => id > this.record);
  }

  /** Judges, and counts what is found and how the repositories ended. */
  async judge(report: Report, more: Judgement = {}): Promise<void> {
    const { login, before, round } = this;
    const over = { ...this.judgement, ...more };
    const wanted = over.wanted ?? asStandards(before);
    const audit = this.audit();
    const plain: Evidence = {
      login,
      before,
      after: await round.stage.github.dump(login),
      wanted,
      entries: await this.entries(),
      report,
      audit,
      earlier: this.rows().filter(({ id }) => id <= this.record),
      undisturbed: false,
      kept: over.kept ?? false,
    };
    const evidence = over.mend?.(plain) ?? plain;
    const { figures } = round;
    violate(
      figures,
      [...findings(evidence), ...(over.also?.(plain) ?? [])]
        .filter((line) => over.forgive?.(plain)(line) !== true)
        .map((line) => `${line} [seed ${round.seed}]`),
    );
    if (over.interim === true) return;
    const effects = plain.entries.filter((entry) => entry.type === 'effect' && !entry.foreign);
    figures.planned += differingParts(before, wanted);
    figures.accepted += audit.length;
    figures.applied += effects.length;
    for (const [end, amount] of Object.entries(report.totals))
      if (end !== 'repositories') count(figures.ends, end, amount);
    for (const { at } of round.kills) {
      const open = audit.filter((row) => row.intended_at <= at && (row.concluded_at ?? Infinity) > at);
      const known = open.map((row) => knownAt(row, audit)).filter((time) => time !== null);
      if (known.length > 0) figures.recoveries.push(Math.max(...known) - at);
    }
  }
}

/** When it was known what had become of a call: itself, or the same change by the call that was made in its place. */
function knownAt(row: AuditRow, audit: readonly AuditRow[]): number | null {
  if (row.concluded_at !== null) return row.concluded_at;
  const again = audit.filter(
    ({ id, run, item, direction, kind, key }) =>
      id > row.id &&
      run === row.run &&
      item === row.item &&
      direction === row.direction &&
      kind === row.kind &&
      key === row.key,
  );
  return again.find(({ concluded_at }) => concluded_at !== null)?.concluded_at ?? null;
}

/** One seed of a campaign on a stage: what it draws, what it does, what it counts. */
export class Round {
  readonly figures: Figures = noFigures();
  readonly random: () => number;
  readonly kills: { at: number }[] = [];
  private start = 0;

  constructor(
    readonly stage: Stage,
    readonly seed: number,
    readonly size: Size = 'full',
  ) {
    this.random = seededRandom(seed);
    this.figures.seeds.push(seed);
  }

  /** A whole number below `end`, drawn by seed. */
  draw(end: number): number {
    return Math.floor(this.random() * end);
  }

  subject(login: string): Promise<Subject> {
    return Subject.of(this, login);
  }

  killed(what: 'workers' | 'servers'): void {
    this.figures.kills[what] += 1;
    this.kills.push({ at: Date.now() });
  }

  /**
   * Plays it to its end, whatever happens; what it throws is a violation too. Then replays the histories of the round against
   * the workflows that the stage's workers run, unless `ownReplay`.
   */
  async run({ play, ownReplay }: Pick<Campaign, 'play' | 'ownReplay'>): Promise<Figures> {
    const [began, before] = [Date.now(), this.stage.replayErrors().length];
    this.start = await this.stage.github.mark();
    try {
      await play(this);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      violate(this.figures, [`failed: seed ${this.seed}: ${message.slice(0, 2_000)}`]);
    }
    await this.stage.github.clearFaults();
    await this.countFaults();
    const said = this.stage.replayErrors().slice(before);
    this.figures.replayErrors += said.length;
    if (said.length > 0)
      violate(this.figures, [
        `replay: seed ${this.seed}: ${said.length} errors, the first: ${said[0]?.slice(0, 2_000)}`,
      ]);
    if (ownReplay !== true)
      await this.replay(new Date(began)).catch((error: unknown) =>
        violate(this.figures, [`replay: seed ${this.seed}: ${String(error)}`]),
      );
    this.figures.milliseconds = Date.now() - began;
    return this.figures;
  }

  private async replay(since: Date): Promise<void> {
    const histories = await historiesOf(this.stage, since);
    if (histories.length === 0) throw new Error('there was no history to replay');
    const errors = await misfits(bundleOf(this.stage.dist), histories);
    this.figures.replayed += histories.length;
    this.figures.replayErrors += errors.length;
    violate(
      this.figures,
      errors.map((line) => `replay: seed ${this.seed}: ${line}`),
    );
  }

  /** By the journal: rules that have been removed are not listed any more. */
  private async countFaults(): Promise<void> {
    const struck = (await this.stage.github.since(this.start)).filter(
      (entry): entry is RequestEntry => entry.type === 'request' && entry.fault !== undefined,
    );
    for (const { fault = '', method, points } of struck) {
      const [kind = ''] = fault.split('#');
      count(this.figures.faults, kind);
      const write = method !== 'GET' && points > 1;
      if (write && UNKNOWN.some((one) => kind.startsWith(one))) this.figures.unknownOutcomes += 1;
    }
  }
}

/** Kinds of faults after which the client cannot know whether a write was applied, as {@link named} names them. */
const UNKNOWN = ['502', '500', '503', 'reset', 'hang', 'malformed', 'delay', 'apply-later', 'kill'];

/** A rule under a name by which it is counted. */
export function named(kind: string, ordinal: number | string, rule: Omit<FaultRule, 'id'>): FaultRule {
  return { ...rule, id: `${kind}#${ordinal}` };
}
