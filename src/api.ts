import type { Client } from '@temporalio/client';
import { apiFailure, isClosed, isUnused } from './api/failures.js';
import { LetterBox, type LetterSelection } from './api/letters.js';
import { lastPolls } from './api/pollers.js';
import { chooseParked, decide, type Resolution, untilHeard } from './api/resolve.js';
import type { RetryOutcome } from './api/retry-outcome.js';
import { type RollbackInput, startRollback } from './api/rollback.js';
import { listRuns, type RunSummary } from './api/runs.js';
import { startSaga } from './api/saga.js';
import { Schedules } from './api/schedules.js';
import { startOnce } from './api/start-once.js';
import { glanceAt, type Look, lookAt } from './api/status.js';
import { type Watched, type WatchOptions, watchRun } from './api/watch.js';
import { clientOf } from './client.js';
import type { Config } from './config.js';
import { ApiError } from './errors.js';
import { ensureSearchAttributes } from './registration.js';
import {
  type ApplyInput,
  type ApprovalPlan,
  approveUpdate,
  cancelUpdate,
  type DeadLetter,
  type LettersAnswer,
  type ParkedItem,
  type RunState,
  type RunStatus,
  WORKFLOWS,
} from './workflows/contract.js';
import type { SagaInput } from './workflows/saga-contract.js';

export type { LetterSelection } from './api/letters.js';
export type { Resolution } from './api/resolve.js';
export type { RetryOutcome } from './api/retry-outcome.js';
export type { RunSummary } from './api/runs.js';
export type { ScheduleOptions, ScheduleSummary } from './api/schedules.js';
export type { Watched, WatchOptions } from './api/watch.js';
export { ApiError, type ApiProblem } from './errors.js';

/** The library's public door: start, watch and steer runs. Every method throws {@link ApiError} with what to do next. */
export class Orgsaga {
  /** Checks of drift on a cron. */
  readonly schedules: Pick<Schedules, keyof Schedules>;
  private readonly letterBox: LetterBox;

  private constructor(
    private readonly client: Client,
    private readonly config: Config,
    private readonly disconnect: () => Promise<void>,
  ) {
    this.letterBox = new LetterBox(client, config);
    this.schedules = new Schedules(client, config);
  }

  /** Connects to the Temporal server of the configuration. */
  static async connect(config: Config): Promise<Orgsaga> {
    try {
      const opened = await clientOf(config);
      return new Orgsaga(opened.client, config, () => opened.close());
    } catch (error) {
      throw apiFailure(error, config);
    }
  }

  /**
   * Starts a run, once for each request key: the same key with the same request gives the run that is there already.
   * @throws ApiError `key_conflict` where the key was used for another request
   */
  async apply(input: ApplyInput): Promise<{ run: string; existing: boolean }> {
    const [first, ...others] = input.document.organizations.map(({ login }) => login);
    if (first === undefined) throw new ApiError('The standards file names no organisation.', 'wrong_state');
    return this.talk(async () => {
      await ensureSearchAttributes(this.client);
      return startOnce(this.client, this.config, {
        workflow: WORKFLOWS.apply,
        kind: 'apply',
        organizations: [first, ...others],
        request: [input.hash, input.options.allowRemovals],
        summary: `Apply standards to ${[first, ...others].join(', ')}`,
        input,
      });
    });
  }

  /**
   * Starts the rollback of a run; one that is under way is given.
   * @throws ApiError `wrong_state` where the run has been rolled back already
   */
  rollback(input: RollbackInput): Promise<{ run: string; existing: boolean }> {
    return this.talk(async () => {
      await ensureSearchAttributes(this.client);
      return startRollback(this.client, this.config, input);
    });
  }

  /** Starts a saga; as {@link apply} for its key. */
  startSaga(input: SagaInput): Promise<{ run: string; existing: boolean }> {
    return this.talk(async () => {
      await ensureSearchAttributes(this.client);
      return startSaga(this.client, this.config, input);
    });
  }

  /** What a run is doing, or how it ended, and every compensation of it that waits for a person. */
  async status(run: string): Promise<RunStatus> {
    return this.talk(async () => {
      const look = await lookAt(this.client, run);
      return 'nothing' in look ? look.told() : look.status;
    });
  }

  /** Follows a run until it is at rest; rides out a server that is lost for up to five minutes. */
  watch(run: string, options: WatchOptions = {}): Promise<Watched> {
    return this.follow(run, options, []);
  }

  /** Runs, newest first. */
  runs(filter: { organization?: string; limit?: number } = {}): Promise<RunSummary[]> {
    return this.talk(() => listRuns(this.client, filter).catch(emptyWhereUnused));
  }

  /**
   * Stops a run and undoes what it has done, or keeps it. A second cancel changes nothing, nor does one of a run that is being
   * undone or has ended: those are not accepted.
   */
  async cancel(run: string, { keep }: { keep: boolean }): Promise<{ accepted: boolean; state: RunState }> {
    return this.talk(async () => {
      const handle = this.client.workflow.getHandle(run);
      try {
        return await handle.executeUpdate(cancelUpdate, { args: [{ keep, actor: this.config.actor }] });
      } catch (error) {
        if (!isClosed(error)) throw error;
        const { state } = shown(await lookAt(this.client, run));
        return { accepted: false, state };
      }
    });
  }

  /**
   * Approves the plan that a run waits with, as the configuration's actor.
   * @throws ApiError `wrong_state` where none waits, for who asked for it, or where `plan` is another one's hash
   */
  approve(run: string, plan: string | null): Promise<ApprovalPlan> {
    return this.talk(async () => {
      const status = shown(await lookAt(this.client, run));
      const by = status.plan?.approvedBy ?? null;
      if (by !== null) throw new ApiError(`The plan of ${run} was approved by ${by} already.`, 'wrong_state');
      if (status.state !== 'AwaitingApproval')
        throw new ApiError(`${run} waits for no approval: it is ${status.state}.`, 'wrong_state');
      return this.client.workflow.getHandle(run).executeUpdate(approveUpdate, {
        args: [{ actor: this.config.actor, plan }],
      });
    });
  }

  /**
   * Decides on a compensation that waits for a person, and waits until it has been undone, left, or has parked again.
   * @throws ApiError `wrong_state` where none waits under that name, `ambiguous` where several do
   */
  resolve(
    run: string,
    resolution: Resolution,
    options: WatchOptions = {},
  ): Promise<{ item: string; step: string; watched: Watched }> {
    return this.talk(async () => {
      const before = await lookAt(this.client, run);
      const parked = chooseParked('status' in before ? before.status : { run, parked: [] }, resolution);
      const { actor } = this.config;
      await decide(this.client, parked, { decision: resolution.decision, actor }, options.signal);
      await untilHeard(async () => shown(await lookAt(this.client, run, [parked])), parked);
      const watched = await this.follow(run, options, [parked]);
      return { item: parked.item, step: parked.step, watched };
    });
  }

  /** Dead letters, each confirmed: an item whose newest workflow has not failed is none. */
  deadLetters(selection: { run?: string }): Promise<DeadLetter[]> {
    return this.talk(() => this.letterBox.list(selection.run).catch(emptyWhereUnused));
  }

  /** Retries dead letters and waits until each is settled. */
  retry(selection: LetterSelection, options: WatchOptions = {}): Promise<RetryOutcome> {
    return this.talk(() =>
      this.letterBox.retry(selection, (run) => this.watch(run, options), options.signal),
    );
  }

  /** Ends dead letters without their change. */
  discard(selection: LetterSelection, reason: string): Promise<LettersAnswer> {
    return this.talk(() => this.letterBox.discard(selection, reason));
  }

  /** Workers that have polled the task queue lately; a poll lasts a minute, so one that was killed shows as long. */
  async pollers(): Promise<number> {
    return this.talk(async () => (await lastPolls(this.client, this.config)).length);
  }

  close(): Promise<void> {
    return this.disconnect();
  }

  /** `decided` are compensations that were decided just now: see {@link lookAt}. */
  private follow(run: string, options: WatchOptions, decided: ParkedItem[]): Promise<Watched> {
    return watchRun(
      () => this.talk(async () => shown(await glanceAt(this.client, run, decided))),
      options,
      (signal) => this.client.withAbortSignal(signal, () => this.client.workflow.getHandle(run).result()),
      () => lastPolls(this.client, this.config),
    );
  }

  private async talk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw apiFailure(error, this.config);
    }
  }
}

function emptyWhereUnused(error: unknown): [] {
  if (isUnused(error)) return [];
  throw error;
}

/** For who waits for a run or steers it. @throws ApiError where it was ended from outside, and nothing of it waits */
function shown(look: Look): RunStatus {
  if ('nothing' in look) throw look.nothing;
  return look.status;
}
