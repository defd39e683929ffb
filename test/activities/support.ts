import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { StepWork } from '../../src/activities/step.js';
import type { RunSettings } from '../../src/config.js';
import { GitHubError, type GitHubFailure, StaleError } from '../../src/github/errors.js';
import type { Operation } from '../../src/github/operations/operation.js';
import { noteMutation, noteRequest } from '../../src/github/request-count.js';
import type { Json } from '../../src/standards/model.js';
import {
  type MutationRecord,
  type RecordOutcome,
  type Store,
  SupersededError,
} from '../../src/store/store.js';
import { anIntent } from '../support/an-intent.js';

const level = { max_retries: 5, base: 2_000, factor: 2, max: 60_000 };

export const SETTINGS: RunSettings = {
  retry: { aggressive: level, conservative: { ...level, base: 1_000, max: 10_000 } },
  activity: { start_to_close: 30_000, heartbeat: 10_000, settle: 60_000, read_lag: 10_000 },
  batch: { page: 100, size: 50, concurrency: 50, coalesce_max_wait: 500, coalesce_max: 20 },
  dead_letter: { max_retries: 3, deadline: 86_400_000 },
};

export const failed = (failure: GitHubFailure) => new GitHubError(`test: ${failure.kind}`, failure, 'REQ1');
export const UNKNOWN = failed({ kind: 'unknown', status: 502 });
export const UNAVAILABLE = failed({ kind: 'unavailable', until: 1_005_000, reason: 'the breaker is open' });
export const REFUSED = failed({ kind: 'refused', status: 422 });
export const STALE = new StaleError('test: another by now', { kind: 'refused', status: 404 }, 'REQ1');

/** A store that keeps records only, and fails like the real one when its lock is lost. */
class FakeStore {
  readonly records: MutationRecord[] = [];
  fenced: Error | null = null;

  constructor(private readonly now: () => number) {}

  /** Adds what an earlier attempt left behind. */
  add(direction: 'do' | 'undo', outcome: RecordOutcome, from: Json, to: Json, at: number): void {
    const concludedAt = outcome === 'intended' ? null : at;
    const lostAt = outcome === 'unknown' ? at : null;
    const known = {
      id: this.records.length + 1,
      intendedAt: at,
      outcome,
      concludedAt,
      lostAt,
      seen: false,
      wrote: to,
      found: false,
    };
    this.records.push({ ...anIntent({ direction, from, to }), ...known, requestId: null, error: null });
  }

  store(): Store {
    const methods: Partial<Store> = {
      intend: async (intent, last) => {
        if (this.fenced !== null) throw this.fenced;
        if (last !== undefined && last !== this.records.length)
          throw new SupersededError('another attempt is under way');
        this.add(intent.direction, 'intended', intent.from, intent.to, this.now());
        return this.records.length;
      },
      conclude: async (id, concluded, { requestId = null, error = null, found = false }, known) => {
        const record = this.records[id - 1];
        if (record === undefined) throw new Error(`no record ${id}`);
        const others = this.records.filter(
          (other) =>
            other.direction === record.direction &&
            other.outcome === 'applied' &&
            known?.includes(other.id) === false,
        );
        const outcome = concluded === 'applied' && others.length > 0 ? 'unchanged' : concluded;
        if (record.outcome !== 'intended' && record.outcome !== 'unknown') return;
        const lostAt = outcome === 'unknown' ? this.now() : record.lostAt;
        Object.assign(record, { outcome, concludedAt: this.now(), lostAt, found, requestId, error });
      },
      recordsOfStep: async () => structuredClone(this.records),
    };
    return methods as Store;
  }
}

/** One value on GitHub that can fail before or after it has taken a write. */
class FakeOperation {
  reads = 0;
  readonly writes: { from: Json; to: Json }[] = [];
  /**
   * What the next write does; `applied` says whether it takes effect all the same, `answered` how many requests went well
   * before it: what they did is left over.
   */
  fault: { error: Error; applied: boolean; answered?: number; unsent?: boolean } | null = null;
  /** Whether half of a write lies about that a read does not show. */
  left = false;
  readFault: Error | null = null;
  /** Of each write, whether it went by itself. */
  readonly alone: boolean[] = [];
  /** What happens elsewhere while a value is read. */
  whileReading: (() => void) | null = null;
  /** What happens elsewhere while a write is under way. */
  meanwhile: (() => void) | null = null;

  constructor(
    public live: Json,
    private readonly shape: Pick<Operation, 'owns' | 'idempotent'>,
  ) {}

  operation(): Operation {
    return {
      kind: 'repository_settings',
      names: { do: 'updateRepositorySettings', undo: 'restoreRepositorySettings' },
      ...this.shape,
      read: async () => {
        this.reads += 1;
        if (this.readFault !== null) throw this.readFault;
        this.whileReading?.();
        return structuredClone(this.live);
      },
      leftover: async () => this.left,
      write: async (context, _target, _change, from, to) => {
        this.alone.push(context.alone === true);
        const { fault } = this;
        this.fault = null;
        const answered = fault === null ? 1 : (fault.answered ?? 0);
        const sent = answered + (fault === null || fault.unsent === true ? 0 : 1);
        for (let request = 0; request < sent; request += 1) {
          noteRequest('rest', true);
          if (request < answered) noteMutation(`REQ${request}`, true);
        }
        this.writes.push({ from, to });
        if (fault === null || fault.applied) this.live = structuredClone(to);
        this.left = fault !== null && !fault.applied && (this.left || answered > 0);
        this.meanwhile?.();
        if (fault !== null) throw fault.error;
      },
    };
  }
}

export interface Bench {
  store: FakeStore;
  github: FakeOperation;
  /** Milliseconds; moved by the test. */
  clock: { now: number };
  /** As an attempt that was scheduled then; just now, unless told. */
  do(scheduledAt?: number): ReturnType<StepWork['do']>;
  undo(scheduledAt?: number): ReturnType<StepWork['undo']>;
}

/** A step from `before` to `after` over a live value; `readAt` is when the plan read `before`. */
export function bench(
  given: Partial<Pick<Operation, 'owns' | 'idempotent'>> & {
    live?: Json;
    before?: Json;
    after?: Json;
    readAt?: number;
    approved?: true;
  } = {},
): Bench {
  const { owns = 'whole', idempotent = true, before = 'before', after = 'after', live = before } = given;
  const clock = { now: 1_000_000 };
  const store = new FakeStore(() => clock.now);
  const github = new FakeOperation(live, { owns, idempotent });
  const deps = { store: store.store(), settings: SETTINGS, now: () => clock.now } as ActivityDeps;
  const { run, organization, item, actor, target, change } = anIntent();
  const input = {
    run,
    organization,
    item,
    actor,
    target,
    graphql: true,
    readAt: given.readAt ?? clock.now,
    change: { ...change, before, after },
    ...(given.approved === undefined ? {} : { approved: given.approved }),
  };
  const context = { github: {} as never, run, content: () => Promise.reject(new Error('no files here')) };
  const work = () => new StepWork(deps, github.operation(), context, input);
  return {
    store,
    github,
    clock,
    do: (scheduledAt = clock.now) => inActivity(() => work().do(), scheduled(scheduledAt)),
    undo: (scheduledAt = clock.now) => inActivity(() => work().undo(), scheduled(scheduledAt)),
  };
}

/** An activity that fails as it should is no news. */
const logger = new DefaultLogger('ERROR');

export const scheduled = (at: number) => ({
  scheduledTimestampMs: at,
  currentAttemptScheduledTimestampMs: at,
});

/** Runs what an activity does; scheduled just now, unless told. */
export function inActivity<T>(
  act: () => Promise<T>,
  info: ConstructorParameters<typeof MockActivityEnvironment>[0] = {},
): Promise<T> {
  return new MockActivityEnvironment({ ...scheduled(Date.now()), ...info }, { logger }).run(act);
}

/** What a promise was rejected with; a success fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('it succeeded');
}
