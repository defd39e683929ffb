import { Draw } from './draw.js';
import type { OrganizationDump } from './organization.js';
import type { Ran } from './program.js';
import { RandomFaults } from './random-faults.js';
import { stateFindings, type Told, toldFindings, withoutHalfProposals } from './random-findings.js';
import { randomOrganization } from './random-organization.js';
import { randomStandards } from './random-standards.js';
import type { System } from './system.js';
import { reportOf } from './trial.js';

interface RetryAnswer {
  succeeded: string[];
  failed: { item: string; reason: string }[];
}

interface Plan {
  items: { item: string; changes: { kind: string }[] }[];
}

const loginOf = (seed: number): string => `random-${seed}`;

/** The organisation that the trial of that seed is about; the system has to be started with it. */
export const organizationOf = (seed: number) =>
  randomOrganization(loginOf(seed), Draw.of(seed, 'organization'));

/** Teams that a file may remove. */
const REMOVED = ['bare', 'lone'];

/** GitHub refuses a direct commit to a branch that is protected against it, however often it is tried. */
const REFUSED_BY_RULES = /locked branch|through a pull request|not authorized to push|Required status check/;

/**
 * A random file is applied to a random organisation of which GitHub refuses some writes and loses the answers to others, then a
 * person does at random what can be done about it. Nobody else changes anything, so whatever is undone has to be as it was.
 */
export class RandomTrial {
  readonly found: string[] = [];
  readonly did: string[] = [];
  readonly login: string;
  readonly file: string;
  readonly before: OrganizationDump;
  private readonly path: string;
  private readonly draw: Draw;
  private readonly faults: RandomFaults;
  private readonly graphql: boolean;

  constructor(
    private readonly system: System,
    readonly seed: number,
  ) {
    this.login = loginOf(seed);
    this.draw = Draw.of(seed, 'course');
    this.graphql = this.draw.chance();
    this.file = randomStandards(this.login, Draw.of(seed, 'file'), this.graphql);
    this.path = system.write(`${this.login}.yaml`, this.file);
    this.faults = new RandomFaults(system, this.login, this.draw, this.graphql);
    this.before = system.dump(this.login);
  }

  /** Everything about it that somebody needs who is to find out why it found something. */
  describe(): string {
    const { seed, did, found, file } = this;
    return [
      `seed ${seed} found (again: ORGSAGA_SEED=${seed} ORGSAGA_TRIALS=1):`,
      ...found,
      'It did:',
      ...did,
      'The file:',
      file,
    ].join('\n');
  }

  /** The whole of it. What goes wrong with a command is found, too. */
  async run(): Promise<void> {
    try {
      await this.course();
    } catch (error) {
      this.found.push(`it broke off: ${String(error)}`);
    } finally {
      this.faults.clear();
    }
  }

  private async course(): Promise<void> {
    this.addFaults(1, 4);
    let told = await this.apply();
    if (told.state === 'Refused' || told.state === 'RolledBack') return this.compare('apply', this.before);
    for (let round = 0; round < 2 && told.deadLetters.length > 0 && this.draw.chance(0.6); round++)
      told = await this.retry(told);
    const isBeside = told.deadLetters.length > 0 && this.draw.chance(0.4);
    if (isBeside) told = await this.applyBeside(told.run);
    if (told.deadLetters.length > 0 && this.draw.chance(0.3)) told = await this.discard(told.run);
    // A second apply may have done what the first had letters for, and was undone.
    else if (told.state === 'Committed' && !isBeside) await this.lookForMore();
    const applied = withoutHalfProposals(this.system.dump(this.login));
    if (told.state === 'AwaitingOperator' && this.draw.chance()) {
      await this.cancel(told.run);
      return this.compare('cancelled', this.before);
    }
    await this.undoAndRedo(told.run, applied);
  }

  /** Back, forward again and back once more, as long as nothing is found. */
  private async undoAndRedo(run: string, applied: OrganizationDump): Promise<void> {
    const back = await this.rollBack(run);
    this.compare('rolled back', this.before);
    if (back === null || this.found.length > 0 || this.draw.chance()) return;
    await this.rollBack(back.run);
    this.compare('brought forward again', applied);
    if (this.found.length > 0) return;
    await this.rollBack(run);
    this.compare('rolled back once more', this.before);
  }

  /** Applies the file; where that is rolled back and something could not be undone, that is retried. */
  async apply(): Promise<Told> {
    const flags = this.graphql ? [] : ['--no-graphql'];
    const args = ['apply', '-f', this.path, '--yes', '--allow-removals', ...flags];
    return this.unpark(await this.tell(args));
  }

  /** Retries all or some letters, perhaps while GitHub goes on to refuse. */
  async retry({ run, deadLetters }: Told): Promise<Told> {
    this.faults.clear();
    const isClean = !this.draw.chance(0.4);
    if (!isClean) this.addFaults(2, 2);
    const isWhole = this.draw.chance(0.6);
    const chosen = isWhole ? ['--all'] : this.draw.some(deadLetters, 0.6).map(({ item }) => item);
    if (chosen.length === 0) return this.status(run);
    const ran = await this.orgsaga(['dead-letters', 'retry', '--run', run, ...chosen]);
    const { failed } = JSON.parse(ran.stdout) as RetryAnswer;
    this.did.push(...failed.map(({ item, reason }) => `  ${item} failed again: ${reason}`));
    const isRefused = failed.some(({ reason }) => REFUSED_BY_RULES.test(reason));
    if (isClean && isWhole && ran.code !== 0 && !isRefused)
      this.found.push(`a retry of all that nothing disturbed exits ${ran.code}`);
    const told = await this.unpark(await this.status(run));
    if (isWhole && ran.code === 0 && told.deadLetters.length > 0)
      this.found.push('letters are left after a retry of all that succeeded');
    return told;
  }

  /** Applies the file a second time beside a run that waits for a person, and undoes that. @returns how the first run is */
  async applyBeside(first: string): Promise<Told> {
    this.faults.clear();
    const between = this.system.dump(this.login);
    if (this.draw.chance(0.3)) this.addFaults(2, 2);
    const second = await this.apply();
    if (second.state === 'AwaitingOperator' && this.draw.chance()) await this.cancel(second.run);
    else if (second.state !== 'RolledBack' && second.state !== 'Refused') await this.rollBack(second.run);
    this.compare('a second apply undone', between);
    return this.status(first);
  }

  async discard(run: string): Promise<Told> {
    await this.orgsaga(['dead-letters', 'discard', '--run', run, '--all', '--yes'], 0);
    const told = await this.status(run);
    if (told.deadLetters.length > 0) this.found.push('letters are left after a discard of all');
    return told;
  }

  async cancel(run: string): Promise<void> {
    this.disturbUndo();
    await this.orgsaga(['cancel', run, '--yes'], 0);
    const { state } = await this.unpark(await this.tell(['watch', run]));
    if (state !== 'Cancelled') this.found.push(`a run that was cancelled is ${state}`);
  }

  /** Also of a rollback, which brings forward again what that took back. @returns null where there was nothing to take back */
  async rollBack(run: string): Promise<Told | null> {
    this.disturbUndo();
    const told = await this.tell(['rollback', run, '--yes']);
    if (told.state === 'Refused' && told.reason?.includes('nothing') === true) return null;
    this.faults.clear();
    if (told.deadLetters.length > 0)
      await this.orgsaga(['dead-letters', 'retry', '--run', told.run, '--all'], 0);
    else if (told.state !== 'Committed') this.found.push(`a rollback is ${told.state}`);
    return told;
  }

  /** A run that is done has nothing left to do, but for files that are proposed, or that it has put on another branch. */
  async lookForMore(): Promise<void> {
    this.faults.clear();
    const ran = await this.orgsaga(['plan', '-f', this.path]);
    if (ran.code === 0) return;
    const isElsewhere = /via: pull_request|default_branch/.test(this.file);
    const { items } = reportOf(ran, 7) as unknown as Plan;
    for (const { item, changes } of items)
      for (const change of changes)
        if (!isElsewhere || change.kind !== 'file')
          this.found.push(`a plan has something left: ${item} ${JSON.stringify(change)}`);
  }

  /** The one place that says whether the organisation is as it should be. */
  compare(what: string, wanted: OrganizationDump): void {
    const differences = stateFindings(wanted, this.system.dump(this.login), REMOVED);
    this.found.push(...differences.map((difference) => `${what}: ${difference}`));
  }

  /** Retries what an undo could not put back, once nothing is in its way, until nothing waits. */
  private async unpark(told: Told): Promise<Told> {
    if (told.parked.length === 0) return told;
    this.faults.clear();
    let now = told;
    for (let round = 0; round < 6 && now.parked.length > 0; round++) {
      for (const { step, workflowId } of now.parked)
        await this.orgsaga(['resolve', told.run, step, 'retry', '--item', workflowId]);
      now = await this.status(told.run);
    }
    if (now.parked.length > 0) this.found.push('something is parked though nothing is in its way');
    return this.tell(['watch', told.run]);
  }

  private addFaults(least: number, most: number): void {
    this.did.push(...this.faults.add(this.draw.whole(least, most), this.file));
  }

  private disturbUndo(): void {
    this.faults.clear();
    if (this.draw.chance(0.4)) this.did.push(...this.faults.addToUndo(2));
  }

  private async status(run: string): Promise<Told> {
    return reportOf(await this.orgsaga(['status', run]), 0) as unknown as Told;
  }

  /** Runs a command that waits for a run, and judges what it says. */
  private async tell(args: string[]): Promise<Told> {
    const ran = await this.orgsaga(args);
    const told = JSON.parse(ran.stdout) as Told;
    const { state, totals, deadLetters, parked, reason } = told;
    const letters = deadLetters.map((letter) => `  ${letter.item} ${letter.step}: ${letter.reason}`);
    const waiting = parked.map((item) => `  parked: ${item.item} ${item.step}: ${item.reason}`);
    this.did.push(`  ${state} ${JSON.stringify(totals)} ${reason ?? ''}`, ...letters, ...waiting);
    this.found.push(...toldFindings(told, ran.code).map((finding) => `${args.join(' ')}: ${finding}`));
    return told;
  }

  /** Any command, with `--json`. What has to exit with a certain code breaks the trial off where it does not. */
  private async orgsaga(args: string[], code?: number): Promise<Ran> {
    const ran = await this.system.orgsaga([...args, '--json']);
    this.did.push(`orgsaga ${args.join(' ')} -> ${ran.code}${ran.stdout === '' ? ` ${ran.stderr}` : ''}`);
    if (code !== undefined) reportOf(ran, code);
    return ran;
  }
}
