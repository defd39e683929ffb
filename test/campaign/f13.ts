import { organization } from '../support/organization.js';
import { cancel, effects, retry, watch } from './engine/acts.js';
import type { Campaign } from './engine/campaign.js';
import { poison } from './engine/faults.js';
import { violate } from './engine/figures.js';
import {
  changed,
  deviations,
  modelOf,
  protectedAnew,
  randomStandards,
  type Standards,
  textOf,
} from './engine/model.js';
import { type Round, type RunReport, reportOf } from './engine/round.js';

const REPOSITORIES = 8;
const STEPS = 6;

/** The run was done before it was asked. */
const TOO_LATE = /is Committed already/;
const ACTS = ['applied', 'repeated', 'refused', 'cancelled', 'rolledBack'] as const;

/** A program under way: what the model says of the organisation, and the last run that could be rolled back. */
class Program {
  private last: { run: string; before: Awaited<ReturnType<Program['live']>> } | null = null;

  constructor(
    private readonly round: Round,
    private readonly login: string,
    private readonly canRollBack: boolean,
  ) {}

  async step(number: number): Promise<void> {
    const name = ACTS[this.round.draw(ACTS.length)] ?? 'applied';
    await this[name](randomStandards(this.login, this.round.random), `${number} ${name}`);
  }

  private live() {
    return this.round.stage.github.dump(this.login);
  }

  private async apply(standards: Standards, ...more: string[]) {
    const { stage } = this.round;
    const file = stage.write(`${this.login}.yaml`, textOf(standards));
    return stage.orgsaga('apply', '-f', file, '--yes', '--json', ...more);
  }

  private note(what: string, found: readonly string[]): void {
    violate(
      this.round.figures,
      found.map((line) => `${line} [seed ${this.round.seed}, step ${what}]`),
    );
  }

  /** Everything is done, and only what had to be. */
  private async applied(standards: Standards, what: string): Promise<void> {
    const subject = await this.round.subject(this.login);
    const wanted = modelOf(subject.before, standards);
    const report = reportOf(await this.apply(standards), 0);
    const committed = changed(subject.before, wanted).length;
    this.expect(what, report, { committed, inSync: REPOSITORIES - committed });
    this.note(what, deviations(wanted, await this.live()));
    await subject.judge(report, { wanted });
    this.last = { run: report.run, before: subject.before };
  }

  /** The same file once more writes nothing at all. */
  private async repeated(standards: Standards, what: string): Promise<void> {
    await this.applied(standards, what);
    const subject = await this.round.subject(this.login);
    const report = reportOf(await this.apply(standards), 0);
    this.expect(what, report, { inSync: REPOSITORIES });
    const written = await subject.effects();
    if (written.length > 0) this.note(what, [`model: a repeated apply wrote ${written.length} times`]);
  }

  /** Some repositories are refused; then they are retried, or discarded, or left. */
  private async refused(standards: Standards, what: string): Promise<void> {
    const { github } = this.round.stage;
    const subject = await this.round.subject(this.login);
    const all = modelOf(subject.before, standards);
    const names = protectedAnew(subject.before, all).filter(() => this.round.random() < 0.4);
    const ids = await github.addFaults(names.flatMap((name) => poison(this.login, name)));
    const report = reportOf(await this.apply(standards), names.length > 0 ? 5 : 0);
    await Promise.all(ids.map((id) => github.removeFault(id)));
    const kept = Object.fromEntries(names.map((name) => [name, subject.before.repositories[name]]));
    const some = { ...all, repositories: { ...all.repositories, ...kept } } as typeof all;
    const wanted = changed(subject.before, all).length;
    this.expect(what, report, {
      committed: wanted - names.length,
      deadLettered: names.length,
      inSync: REPOSITORIES - wanted,
    });
    this.note(what, deviations(some, await this.live()));
    await subject.judge(report, { wanted: all, interim: names.length > 0 });
    this.last = null;
    if (names.length === 0) return;
    const end = this.round.draw(3);
    if (end === 0) {
      reportOf(await retry(subject, report.run), 0);
      const ended = reportOf(await watch(subject, report.run), 0);
      this.expect(what, ended, { committed: wanted, inSync: REPOSITORIES - wanted });
      this.note(what, deviations(all, await this.live()));
      await subject.judge(ended, { wanted: all });
    } else if (end === 1) {
      const discard = [
        'dlq',
        'discard',
        '--run',
        report.run,
        '--all',
        '--reason',
        'drawn',
        '--yes',
        '--json',
      ];
      reportOf(await this.round.stage.orgsaga(...discard), 0);
      this.note(what, deviations(some, await this.live()));
    }
  }

  /** Cancelled at some instant: as before, or done where the cancel came too late. */
  private async cancelled(standards: Standards, what: string): Promise<void> {
    const subject = await this.round.subject(this.login);
    const wanted = modelOf(subject.before, standards);
    const { run } = reportOf(await this.apply(standards, '--detach'), 0);
    // Each repository that is changed has one effect at least.
    const least = this.round.draw(changed(subject.before, wanted).length + 1);
    await effects(subject, least);
    const asked = await cancel(subject, run);
    const late = asked.code === 1 && TOO_LATE.test(asked.stderr);
    if (!late) reportOf(asked, 0);
    const report = reportOf(await watch(subject, run), 0, ...(late ? [] : [3]));
    const done = report.state === 'Committed';
    this.note(what, deviations(done ? wanted : subject.before, await this.live()));
    await subject.judge(report, { wanted });
    this.last = done ? { run, before: subject.before } : null;
  }

  /** The last run taken back: everything is as it was before it. */
  private async rolledBack(standards: Standards, what: string): Promise<void> {
    if (!this.canRollBack) return;
    await this.applied(standards, what);
    if (this.last === null) return;
    const { run, before } = this.last;
    const ran = await this.round.stage.orgsaga('rollback', run, '--yes', '--json');
    if (ran.code !== 0 && ran.code !== 3)
      throw new Error(`rollback ended with ${ran.code}: ${ran.stdout}${ran.stderr}`);
    this.note(what, deviations(before, await this.live()));
    this.last = null;
  }

  private expect(what: string, { totals }: RunReport, expected: Partial<RunReport['totals']>): void {
    for (const [end, amount] of Object.entries({ committed: 0, inSync: 0, deadLettered: 0, ...expected })) {
      const seen = totals[end as keyof typeof totals];
      if (seen !== amount) this.note(what, [`model: ${seen} are ${end}, ${amount} were predicted`]);
    }
  }
}

/** Random files, applied, repeated, refused, retried, discarded, cancelled and rolled back; a model predicts every end. */
export const f13: Campaign = {
  id: 'F13',
  title: 'random programs against a model',
  rounds: 3,
  workers: 2,
  latencyMs: 10,
  organizations: (seed) => [organization(`f13-${seed}`, REPOSITORIES)],
  async play(round) {
    const { stdout } = await round.stage.orgsaga('--help');
    const program = new Program(round, `f13-${round.seed}`, /^ +rollback /m.test(stdout));
    for (let number = 1; number <= STEPS; number++) await program.step(number);
  },
};
