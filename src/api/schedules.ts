import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Config } from '../config.js';
import { ApiError } from '../errors.js';
import { ensureSearchAttributes } from '../registration.js';
import { type ApplyInput, WORKFLOWS } from '../workflows/contract.js';
import type { DriftInput, DriftReport } from '../workflows/drift-contract.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';
import { apiFailure, detailsOf, grpcCode, INVALID_ARGUMENT } from './failures.js';
import { type FollowOptions, followCheck } from './follow-check.js';
import { lastPolls } from './pollers.js';

/** Before the names of our schedules among those of a namespace. */
const PREFIX = 'orgsaga-';
const MEMO = 'orgsagaSchedule';
/** A check that a server could not start in this time, because it was down, is left out: the next one comes. */
const CATCH_UP = '10 minutes';
/** For the server to start a check, and between two looks at whether it has, milliseconds. */
const LOOK_EVERY = 300;
const STARTED_WITHIN = 10_000;

export interface ScheduleOptions {
  name: string;
  /** Five fields, or six or seven with seconds and years, or `@daily` and the like, as Temporal has it. */
  cron: string;
  /** IANA's name of a time zone. */
  timeZone: string;
  /** Whether what has drifted is put right. */
  applies: boolean;
  /** Takes the place of a schedule of that name. */
  replace: boolean;
  apply: ApplyInput;
}

/** A schedule, with what its newest check found. Dates are ISO 8601, UTC. */
export interface ScheduleSummary {
  name: string;
  organizations: string[];
  cron: string;
  timeZone: string;
  applies: boolean;
  paused: boolean;
  note: string | null;
  nextCheckAt: string | null;
  /** Workflow id of the newest check; null where there was none. */
  check: string | null;
  /** Null where it is under way, or was ended from outside. */
  found: DriftReport | null;
}

type About = Pick<ScheduleSummary, 'organizations' | 'cron' | 'timeZone' | 'applies'>;

/** Checks of drift on a cron, each a Temporal Schedule. Overlapping ones are skipped. */
export class Schedules {
  constructor(
    private readonly client: Client,
    private readonly config: Config,
  ) {}

  /** @throws ApiError `wrong_state` where there is one of that name, `invalid` where the server does not take the cron or time zone */
  async create({ name, cron, timeZone, applies, replace, apply }: ScheduleOptions): Promise<void> {
    const organizations = apply.document.organizations.map(({ login }) => login);
    const input: DriftInput = { schedule: name, apply, applies };
    const about: About = { organizations, cron, timeZone, applies };
    const options = {
      spec: { cronExpressions: [cron], timezone: timeZone },
      action: {
        type: 'startWorkflow' as const,
        workflowType: WORKFLOWS.drift,
        taskQueue: this.config.taskQueue,
        workflowId: `drift-${name}`,
        args: [input],
        typedSearchAttributes: [
          { key: SEARCH_ATTRIBUTES.org, value: organizations[0] ?? '' },
          { key: SEARCH_ATTRIBUTES.kind, value: 'check' },
        ],
        staticSummary: `${applies ? 'Check and put right' : 'Check'} ${organizations.join(', ')}`.slice(
          0,
          200,
        ),
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
    };
    await this.talk(async () => {
      await ensureSearchAttributes(this.client);
      const { schedule } = this.client;
      const scheduleId = `${PREFIX}${name}`;
      if (replace && (await this.exists(name))) {
        // One that the server does not take leaves the old one where it is. What a list reads of it can only be given when it is made.
        const tried = await schedule.create({
          ...options,
          scheduleId: `${scheduleId}~${randomBytes(4).toString('hex')}`,
          state: { paused: true },
        });
        await tried.delete();
        await this.handle(name).delete();
      }
      await schedule.create({ ...options, scheduleId, memo: { [MEMO]: about } });
    });
  }

  /** By name. */
  list(): Promise<ScheduleSummary[]> {
    return this.talk(() => this.each());
  }

  private async each(): Promise<ScheduleSummary[]> {
    const found: ScheduleSummary[] = [];
    for await (const { scheduleId, memo, state, info } of this.client.schedule.list()) {
      const about = memo?.[MEMO] as About | undefined;
      if (about === undefined || !scheduleId.startsWith(PREFIX)) continue;
      const check = checksOf(info).at(-1) ?? null;
      const stands = check === null ? 'gone' : await this.stands(check);
      found.push({
        name: scheduleId.slice(PREFIX.length),
        ...about,
        paused: state.paused,
        note: state.note ?? null,
        nextCheckAt: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
        check,
        found: typeof stands === 'string' ? null : stands,
      });
    }
    return found.toSorted((one, other) => one.name.localeCompare(other.name));
  }

  async pause(name: string, note: string): Promise<void> {
    await this.known(name, (handle) => handle.pause(note));
  }

  async resume(name: string, note: string): Promise<void> {
    await this.known(name, (handle) => handle.unpause(note));
  }

  async delete(name: string): Promise<void> {
    await this.known(name, (handle) => handle.delete());
  }

  /** Has a check begin now; one that is under way is given. */
  async begin(name: string): Promise<{ check: string; existing: boolean }> {
    return this.known(name, async (handle) => {
      const { info } = await handle.describe();
      const seen = new Set(checksOf(info));
      const [running] = info.runningActions;
      if (running !== undefined) return { check: running.workflow.workflowId, existing: true };
      await handle.trigger(ScheduleOverlapPolicy.SKIP);
      for (const end = Date.now() + STARTED_WITHIN; Date.now() < end; await delay(LOOK_EVERY)) {
        const check = checksOf((await handle.describe()).info).findLast((id) => !seen.has(id));
        if (check !== undefined) return { check, existing: false };
      }
      throw new ApiError(
        `The server has not started a check of ${name}; see: orgsaga schedule list`,
        'no_answer',
      );
    });
  }

  /** Waits for a check to end; rides out a server that is lost for up to five minutes. @throws ApiError where it was ended from outside */
  follow(check: string, options: FollowOptions): Promise<DriftReport | 'aborted' | 'gave_up'> {
    const look = () =>
      this.talk(async () => {
        const stands = await this.stands(check);
        if (stands !== 'gone') return stands === 'running' ? null : stands;
        throw new ApiError(`The check ${check} was ended before it had found anything.`, 'wrong_state');
      });
    return followCheck(look, () => lastPolls(this.client, this.config), options);
  }

  /** What a check has found; `gone` where it was ended from outside, or Temporal has forgotten it. */
  private async stands(check: string): Promise<DriftReport | 'running' | 'gone'> {
    try {
      const handle = this.client.workflow.getHandle(check);
      const { status } = await handle.describe();
      if (status.name === 'RUNNING') return 'running';
      return status.name === 'COMPLETED' ? ((await handle.result()) as DriftReport) : 'gone';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'gone';
      throw error;
    }
  }

  private async exists(name: string): Promise<boolean> {
    return this.handle(name)
      .describe()
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof ScheduleNotFoundError) return false;
          throw error;
        },
      );
  }

  private handle(name: string): ScheduleHandle {
    return this.client.schedule.getHandle(`${PREFIX}${name}`);
  }

  private known<T>(name: string, work: (handle: ScheduleHandle) => Promise<T>): Promise<T> {
    return this.talk(() => work(this.handle(name)));
  }

  private async talk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw scheduleFailure(error, this.config);
    }
  }
}

/** Workflow ids of a schedule's checks, oldest first. */
const checksOf = ({ recentActions }: Pick<ScheduleDescription['info'], 'recentActions'>): string[] =>
  recentActions.map(({ action }) => action.workflow.workflowId);

function scheduleFailure(error: unknown, config: Config): Error {
  if (error instanceof ScheduleNotFoundError)
    return new ApiError(
      `There is no schedule ${error.scheduleId.slice(PREFIX.length)}; see: orgsaga schedule list`,
      'not_found',
    );
  if (error instanceof ScheduleAlreadyRunning)
    return new ApiError(
      `There is a schedule ${error.scheduleId.slice(PREFIX.length)} already: give this one another --name, or take its place with --replace.`,
      'wrong_state',
    );
  // The SDK makes a TypeError of what the server says of a spec.
  if (error instanceof TypeError || grpcCode(error) === INVALID_ARGUMENT) {
    const why = error instanceof TypeError ? error.message : detailsOf(error);
    return new ApiError(`Temporal does not take this schedule: ${why}`, 'invalid');
  }
  return apiFailure(error, config);
}
