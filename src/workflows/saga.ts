import { isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import type { RunSettings } from '../config.js';
import { adopted } from '../standards/create-repository.js';
import type { Target } from '../standards/model.js';
import type { ItemOutcome } from '../store/store.js';
import { execute, type Ports, unwind, unwindUnfinished } from '../transaction/engine.js';
import { StepFailed, TransactionCancelled } from '../transaction/failure.js';
import { conflictsOf, toUndo, unfinished } from '../transaction/journal.js';
import { ask, PERSISTENT, reasonOf } from './ask.js';
import { throwIfCancelled } from './cancelled.js';
import { cancelSignal, cancelUpdate, journalQuery, type RunStatus, statusQuery } from './contract.js';
import { type ItemPorts, itemPorts } from './item-ports.js';
import { undoneBut } from './left.js';
import { DoneBefore, Refused, refusing } from './refusals.js';
import { RunCancel } from './run-cancel.js';
import { live } from './run-life.js';
import { RunLocks } from './run-locks.js';
import { askSaga, questionOf, type SagaAsk } from './saga-ask.js';
import type { SagaInput } from './saga-contract.js';
import { refusalOf } from './saga-refusal.js';
import { outcomeKept, SagaState } from './saga-state.js';
import { hasParallel, sagaTransaction } from './saga-steps.js';
import { startUpSettings } from './start-up-settings.js';
import { tolerant } from './tolerant.js';

/**
 * Runs any transaction that is given as data: forward step by step, or after a failure or a cancel back to where it began, in
 * reverse order. A compensation that cannot be done waits for a person (Update `resolve`). Its result is its last status.
 */
export async function saga(input: SagaInput): Promise<RunStatus> {
  return new SagaRun(input).run();
}

class SagaRun {
  private readonly id = workflowInfo().workflowId;
  private readonly state: SagaState;
  private readonly cancel: RunCancel;
  private readonly locks: RunLocks;
  private settings: RunSettings = startUpSettings;
  private target: Target | null = null;
  private ports: ItemPorts | null = null;
  private opened = false;
  private outcome: ItemOutcome | null = 'committed';
  private undoing = false;

  constructor(private readonly input: SagaInput) {
    this.state = new SagaState(input);
    this.locks = new RunLocks(this.id, () => this.settings);
    this.cancel = new RunCancel({
      state: () => this.state.state,
      begun: () => this.state.journal.length > 0,
      undoing: () => this.undoing,
      // It asks before every step.
      windDown: () => undefined,
      close: () => {
        const { settings, state } = this;
        const summary = 'Stop everything forward';
        return ask('stopRun', { run: this.id }, { summary, settings, usage: state.usage, retry: PERSISTENT });
      },
    });
    setHandler(statusQuery, () => this.state.status());
    setHandler(journalQuery, () => this.state.journal);
    setHandler(cancelUpdate, (request) => this.cancel.request(keeps(request)));
    setHandler(
      cancelSignal,
      tolerant('cancel', async (request) => void (await this.cancel.request(keeps(request)))),
    );
  }

  run(): Promise<RunStatus> {
    return live({
      forward: this.cancel.forward,
      open: () => this.open(),
      forwards: () => this.forwards(),
      failed: async (error) => {
        this.outcome = await this.failed(error);
      },
      end: () => this.end(),
      status: () => this.state.status(),
    });
  }

  private async end(): Promise<void> {
    this.state.end();
    await this.locks.release();
    // What the store has under this id is another's where this one was not opened.
    if (this.opened) await this.record(this.outcome, true);
  }

  private async open(): Promise<void> {
    const { plan: _plan, ...asked } = this.input;
    const opened = await this.asked('openSaga', { run: this.id, saga: asked }, 'Open the run');
    if (opened.opened === false) throw new Refused(opened.refusal, opened.reason);
    if (opened.opened === 'before') throw new DoneBefore(opened.state, opened.totals, opened.reason);
    this.opened = true;
    this.settings = opened.settings;
  }

  private async forwards(): Promise<void> {
    const { organization, wait, plan, adopt = false } = this.input;
    this.state.set('Planning', 'looking at what is there');
    await this.locks.take([organization], wait, (what) =>
      this.state.set('Planning', `waiting for ${what} on ${organization}`),
    );
    this.target = await this.check();
    const wanted = adopt && this.target !== null ? adopted(plan) : plan;
    this.state.set('Running', this.target === null ? 'making the repository' : 'changing the repository');
    await this.record(null, false);
    if (wanted !== null) {
      const owner = { ...this.input, run: this.id };
      await execute(
        sagaTransaction(owner, this.targetOrNew(), wanted),
        this.state.journal,
        this.forwardPorts(),
      );
    }
    await throwIfCancelled();
    const changed = this.state.journal.some(({ state }) => state === 'applied');
    this.state.settle(changed ? 'committed' : 'inSync');
    this.state.set('Committed', 'done');
  }

  /** @throws Refused */
  private async check(): Promise<Target | null> {
    const question = questionOf(this.id, this.input);
    const level = this.settings.retry.aggressive;
    const look = `Look at ${question.item}`;
    const checked = await refusing(() => this.asked('checkSaga', question, look, level));
    if (!checked.ok) throw new Refused(checked.refusal, checked.reason);
    return checked.target;
  }

  /** Undoes what was done, and says what became of the repository. */
  private async failed(error: unknown): Promise<ItemOutcome | null> {
    const { journal } = this.state;
    if (error instanceof Refused) {
      this.state.refuse(error.refusal, error.message);
      return null;
    }
    if (error instanceof DoneBefore) {
      this.state.doneBefore(error);
      return null;
    }
    const cancelled = this.cancel.requested || isCancellation(error) || error instanceof TransactionCancelled;
    const reason = cancelled ? 'cancelled' : reasonOf(error);
    if (this.cancel.keeps) return this.kept(error);
    if (cancelled) await this.cancel.stop();
    const refusal = cancelled ? null : refusalOf(error, journal);
    if (refusal !== null) {
      this.state.refuse(refusal, reason);
      return null;
    }
    if (error instanceof StepFailed) this.state.failed(error.failure.code);
    else if (!cancelled) this.state.note(`failed: ${reason}`);
    const why = error instanceof StepFailed && !cancelled ? `${error.failure.step}: ${reason}` : reason;
    this.undoing = true;
    this.state.set('Compensating', 'undoing what was done', why);
    await this.lockAgain();
    if (this.ports !== null) await unwind(journal, this.ports);
    const outcome = journal.length === 0 ? 'cancelled' : 'rolledBack';
    this.state.settle(outcome);
    const undone = undoneBut('what was done is undone', conflictsOf(journal));
    this.state.set(cancelled ? 'Cancelled' : 'RolledBack', undone, why);
    return outcome;
  }

  /** What was finished stays; a step under way that failed and may have been applied is undone, and nothing else. */
  private async kept(error: unknown): Promise<ItemOutcome> {
    const { journal } = this.state;
    const failure = error instanceof StepFailed ? error.failure : null;
    const when = failure === null ? '' : `, when ${failure.step} failed: ${failure.message}`;
    const why = `cancelled with --keep${when}`;
    if (failure === null && !(error instanceof TransactionCancelled) && !isCancellation(error))
      this.state.note(`failed: ${reasonOf(error)}`);
    const left = unfinished(journal);
    if (left.length > 0 && this.ports !== null) {
      await this.cancel.stop();
      this.undoing = true;
      this.state.set('Compensating', `undoing ${left.map(({ step }) => step).join(', ')}`, why);
      await this.lockAgain();
      await unwindUnfinished(journal, this.ports);
    }
    const outcome = outcomeKept(journal, left.length > 0);
    this.state.settle(outcome);
    this.state.set('Cancelled', 'stopped; what was done is kept', why);
    return outcome;
  }

  private forwardPorts(): Ports {
    const ports = itemPorts({ item: this.input.item, settings: this.settings }, this.state.usage, {
      changed: () => this.state.show(),
      waiting: (reason) => this.state.wait(reason),
      parked: async (parked) => {
        this.state.park(parked);
        await this.record('parked', false);
        // Nobody else is kept from writing while a person is awaited; steps side by side may still be at work.
        if (this.undoing || !hasParallel(this.input.plan)) await this.locks.release();
      },
      decided: async () => {
        this.state.park(null);
        this.state.set('Compensating', 'undoing what was done');
        await this.lockAgain();
        await this.record(null, false);
      },
    });
    this.ports = ports;
    const keeps = (): boolean => this.cancel.keeps;
    return { ...ports, cancelled: () => keeps() || ports.cancelled(), keeps };
  }

  /** An undo is written under the lock too; without anything to undo nobody has to wait for it. */
  private async lockAgain(): Promise<void> {
    const { organization } = this.input;
    if (this.locks.holds(organization) || toUndo(this.state.journal).length === 0) return;
    await this.locks.take([organization], true, (what) =>
      this.state.set('Compensating', `waiting for ${what}, to undo on ${organization}`),
    );
    this.state.set('Compensating', 'undoing what was done');
  }

  private targetOrNew(): Target {
    const [owner = '', name = ''] = this.input.item.split('/');
    return this.target ?? { owner, name, id: 0, node_id: '', default_branch: null };
  }

  private record(outcome: ItemOutcome | null, ended: boolean): Promise<null> {
    const { organization, item } = this.input;
    const { state, totals } = this.state;
    const { id: run, target } = this;
    return this.asked(
      'recordSaga',
      { run, organization, item, target, outcome, state, totals, ended },
      `Record ${state}`,
    );
  }

  /** One of the saga's own activities; one that only touches the store is asked until it answers. */
  private asked: SagaAsk = (activity, input, summary, retry = PERSISTENT) =>
    askSaga(activity, input, {
      summary,
      settings: this.settings,
      usage: this.state.usage,
      waiting: (reason) => this.state.wait(reason),
      retry,
    });
}

/** Anybody can send anything from the Web UI. */
const keeps = (request: { keep?: unknown } | null | undefined): boolean => request?.keep === true;
