import { appliesDo, leavesDoubt, predictDo, predictUndo, restores } from './call-model.js';
import type { Scenario } from './scenario.js';
import { endOf, mayBe, type State, type StepModel, stepsOf } from './step-model.js';
import type { Event, Outcome, Report, UndoReport } from './trace.js';
import { owed, statusOf, stepOf, Violation } from './tree-status.js';
import type { Value } from './world.js';

export interface Limits {
  do: number;
  undo: number;
}

/**
 * What a transaction has to do, independent of the engine: given what happened so far it says what may happen next and,
 * from the fates alone, what each call reports and leaves behind. Everything that it does not allow is a violation.
 */
export class Model {
  readonly steps = new Map<string, StepModel>();
  outcome: Outcome | null = null;
  private cancelled = false;
  private attempt = 1;
  private starts = 0;
  private unwinding: 'no' | 'failed' | 'cancelled' = 'no';

  constructor(
    private readonly scenario: Scenario,
    private readonly limits: Limits,
    /** Attempts that each call took in the world. */
    private readonly attemptsOf: (call: number) => number,
    /** Whether nobody else disturbed the calls, so that each takes as many attempts as its policy says. */
    private readonly undisturbed: boolean,
  ) {
    for (const [name, frame] of stepsOf(scenario.tree)) {
      const value = this.fates(name).right ? 'right' : 'before';
      this.steps.set(name, {
        frame,
        state: null,
        place: -1,
        now: 'idle',
        undoing: 'no',
        call: -1,
        taken: { do: 0, undo: 0, decisions: 0 },
        inDoubt: false,
        value,
        base: value,
      });
    }
  }

  /** Takes everything that was seen. @throws Violation */
  observe(events: Event[]): void {
    for (const event of events) {
      if (event.type === 'end') this.end(event.step, event.report);
      else if (event.type === 'undone') this.undone(event.step, event.report);
      else this.permit(event);
    }
    if (this.outcome === null) throw new Violation('it did not end');
  }

  /** The journal as it has to be, by start. */
  journal(): [string, State][] {
    return [...this.steps]
      .flatMap(([name, { state, place }]) => (state === null ? [] : [{ name, state, place }]))
      .toSorted((left, right) => left.place - right.place)
      .map(({ name, state }) => [name, state]);
  }

  values(): Record<string, Value> {
    return Object.fromEntries([...this.steps].map(([name, { value }]) => [name, value]));
  }

  private permit(event: Permitted): void {
    if (event.type === 'cancel') {
      this.cancelled = true;
      return;
    }
    const allowed = this.next();
    const said = textOf(event);
    if (!allowed.includes(said))
      throw new Violation(`${said} after ${JSON.stringify(this.journal())}, not ${allowed.join(' or ')}`);
    switch (event.type) {
      case 'outcome':
        this.outcome = event.outcome;
        return;
      case 'again':
        return this.again();
      case 'start':
        return this.start(event.step, event.call);
      case 'undo':
        Object.assign(this.step(event.step), { undoing: 'running', call: event.call });
        return;
      case 'decided':
        return this.decided(event.step, event.decision);
    }
  }

  private next(): string[] {
    const { tree, attempts, checkpoint } = this.scenario;
    const decisions = [...this.steps].flatMap(([name, { undoing, taken }]) =>
      undoing === 'stuck' ? [`decided ${name} ${this.fates(name).decisions[taken.decisions] ?? 'skip'}`] : [],
    );
    if (this.unwinding === 'no') {
      const status = statusOf(tree, this.steps, this.cancelled);
      if (status.is === 'open') return [...status.may, ...decisions];
      if (status.is === 'done') return ['outcome committed'];
      const stopped = this.cancelled || status.is === 'cancelled';
      if (status.is === 'failed' && !stopped && this.attempt < attempts) return ['again'];
      if (!stopped && checkpoint) return ['outcome kept'];
      this.unwinding = stopped ? 'cancelled' : 'failed';
    }
    const left = owed(this.steps, []);
    if (left.is === 'open') return [...left.may, ...decisions];
    if (this.unwinding === 'failed') return ['outcome failed'];
    return [this.journal().length === 0 ? 'outcome cancelled' : 'outcome rolledBack'];
  }

  private start(name: string, call: number): void {
    const step = this.step(name);
    if (!mayBe(step.state)) step.place = this.starts++;
    // With nobody else around, the cancel comes with the first attempt of its step.
    if (this.undisturbed && name === this.scenario.cancelAt) this.cancelled = true;
    // What may have been applied by an earlier try stays so until it is undone.
    step.now = 'running';
    step.call = call;
    step.state = mayBe(step.state) ? 'unknown' : 'started';
  }

  private end(name: string, report: Report): void {
    const step = this.step(name);
    if (step.now !== 'running') throw new Violation(`end of ${name}, which was not under way`);
    const fates = this.fates(name).do.slice(step.taken.do);
    const took = this.attemptsOf(step.call);
    const { inDoubt, value } = step;
    const whole = predictDo(fates, this.limits.do, { inDoubt, right: value === 'right' });
    // Cut short by a cancel or a lost answer, a call reports what its last attempt came to.
    const tried = Array.from({ length: took }, (_, nth) => fates[nth] ?? 'ok');
    const last = { inDoubt: inDoubt || tried.slice(0, -1).some(leavesDoubt), right: value === 'right' };
    const cut = predictDo(tried.slice(-1), 1, last).report;
    const short = report === 'cancelled' && this.scenario.cancelAt !== null;
    if (short) this.cancelled = true;
    const exact = report === whole.report && took === whole.attempts;
    if (!exact && !short && (this.undisturbed || report !== cut))
      throw new Violation(`${name}: ${report} after ${took}, not ${whole.report} after ${whole.attempts}`);
    step.taken.do += took;
    step.inDoubt ||= tried.some(leavesDoubt);
    if (tried.some(appliesDo) && step.value !== 'right' && step.value !== 'ours') {
      step.base = step.value;
      step.value = 'ours';
    }
    const earlier = step.state === 'unknown';
    const [state, now] = endOf(report, earlier);
    step.state = state;
    step.now = now;
  }

  private undone(name: string, report: UndoReport): void {
    const step = this.step(name);
    if (step.undoing !== 'running')
      throw new Violation(`end of the undo of ${name}, which was not under way`);
    const fates = this.fates(name).undo.slice(step.taken.undo);
    const took = this.attemptsOf(step.call);
    const tried = Array.from({ length: took }, (_, nth) => fates[nth] ?? 'ok');
    const ours = (before: readonly string[]) =>
      step.value === 'ours' && !before.some((fate) => restores(fate as 'ok') || fate === 'conflict');
    const whole = predictUndo(fates, this.limits.undo, ours);
    const cut = predictUndo(tried.slice(-1), 1, () => ours(tried.slice(0, -1))).report;
    const exact = report === whole.report && took === whole.attempts;
    if (!exact && (this.undisturbed || report !== cut))
      throw new Violation(
        `undo ${name}: ${report} after ${took}, not ${whole.report} after ${whole.attempts}`,
      );
    step.taken.undo += took;
    for (const fate of tried) {
      if (step.value === 'ours' && restores(fate)) step.value = step.base;
      if (step.value === 'ours' && fate === 'conflict') step.value = 'foreign';
      if (restores(fate) || fate === 'conflict') step.inDoubt = false;
    }
    if (report === 'stuck') step.undoing = 'stuck';
    else Object.assign(step, { undoing: 'no', state: report });
  }

  private decided(name: string, decision: 'retry' | 'skip'): void {
    const step = this.step(name);
    step.taken.decisions += 1;
    step.undoing = 'no';
    if (decision === 'skip') step.state = 'skipped';
  }

  private again(): void {
    this.attempt += 1;
    for (const step of this.steps.values()) step.now = 'idle';
  }

  private step(name: string): StepModel {
    return stepOf(this.steps, name);
  }

  private fates(name: string) {
    const fates = this.scenario.fates[name];
    if (fates === undefined) throw new Violation(`there is no step ${name}`);
    return fates;
  }
}

type Permitted = Exclude<Event, { type: 'end' | 'undone' }>;

function textOf(event: Permitted): string {
  switch (event.type) {
    case 'again':
    case 'cancel':
      return event.type;
    case 'outcome':
      return `outcome ${event.outcome}`;
    case 'decided':
      return `decided ${event.step} ${event.decision}`;
    case 'start':
    case 'undo':
      return `${event.type} ${event.step}`;
  }
}
