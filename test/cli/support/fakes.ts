import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Client, Deps, ReadingCost, Reads } from '../../../src/cli/deps.js';
import type { Io } from '../../../src/cli/io.js';
import { run } from '../../../src/cli/run.js';
import { loadConfig } from '../../../src/config.js';
import { cacheStatistics, NO_COUNTS } from '../../../src/policies/read-cache.js';
import { type DeadLetter, NO_TOTALS, type RunStatus, type Totals } from '../../../src/workflows/contract.js';

export const RUN = 'apply-acme-1';

export const letter = (item: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  item,
  run: RUN,
  step: 'protection/main',
  reason: 'GitHub said no',
  attempts: 3,
  firstFailedAt: '2025-01-01T00:00:00.000Z',
  lastFailedAt: '2025-01-01T00:00:09.000Z',
  workflowId: `${RUN}/${item}`,
  finishedSteps: [],
  ...more,
});

export const totals = (more: Partial<Totals> = {}): Totals => ({ ...NO_TOTALS, ...more });

export const status = (more: Partial<RunStatus> = {}): RunStatus => ({
  run: RUN,
  kind: 'apply',
  organizations: ['acme'],
  actor: 'ada',
  state: 'Committed',
  phase: 'done',
  reason: null,
  refusal: null,
  totals: totals({ repositories: 3, inSync: 1, committed: 2 }),
  requests: { rest: 4, graphql: 2, mutating: 4 },
  startedAt: '2025-01-01T00:00:00.000Z',
  durationMs: 1_234,
  deadLetters: [],
  parked: [],
  conflicts: [],
  skipped: [],
  notes: [],
  pages: [],
  deadline: null,
  ...more,
});

const notFaked = (name: string) => (): never => {
  throw new Error(`${name} is not expected here`);
};

/** A client of which a test gives the calls that it expects; all others fail. */
const fakeClient = (calls: Partial<Client>): Client => ({
  apply: notFaked('apply'),
  approve: notFaked('approve'),
  resolve: notFaked('resolve'),
  startSaga: notFaked('startSaga'),
  status: notFaked('status'),
  watch: notFaked('watch'),
  runs: notFaked('runs'),
  cancel: notFaked('cancel'),
  rollback: notFaked('rollback'),
  deadLetters: notFaked('deadLetters'),
  retry: notFaked('retry'),
  discard: notFaked('discard'),
  schedules: {
    create: notFaked('schedules.create'),
    list: notFaked('schedules.list'),
    pause: notFaked('schedules.pause'),
    resume: notFaked('schedules.resume'),
    delete: notFaked('schedules.delete'),
    begin: notFaked('schedules.begin'),
    follow: notFaked('schedules.follow'),
  },
  pollers: notFaked('pollers'),
  close: async () => undefined,
  ...calls,
});

/** Real configuration from the given environment; every other dependency fails unless given. */
export const fakeDeps = (given: Partial<Deps> & { client?: Partial<Client> }): Deps => {
  const { client, ...deps } = given;
  return {
    loadConfig: async (env) => loadConfig(env, '/'),
    loadStandards: notFaked('loadStandards'),
    validateStandards: async () => [],
    loadRepositoryRequest: notFaked('loadRepositoryRequest'),
    readRepositoryRequest: notFaked('readRepositoryRequest'),
    loadOnboarding: notFaked('loadOnboarding'),
    connect: client === undefined ? notFaked('connect') : async () => fakeClient(client),
    withReads: notFaked('withReads'),
    readCache: async () => cacheStatistics(NO_COUNTS, 0),
    runWorker: notFaked('runWorker'),
    startStack: notFaked('startStack'),
    withStore: notFaked('withStore'),
    bench: notFaked('bench'),
    probeGitHub: notFaked('probeGitHub'),
    ...deps,
  };
};

/** A cost that {@link readingBy} tells. */
export const COST: ReadingCost = {
  requests: { rest: 2, graphql: 3, mutating: 0 },
  cache: { hits: 0, revalidations: 1, misses: 1 },
  notKept: null,
};

/** GitHub read by those, at {@link COST}. */
export const readingBy = (reads: Partial<Reads>): Pick<Deps, 'withReads'> => ({
  withReads: async (_config, _env, _options, work) => ({
    value: await work({ plan: notFaked('plan'), readLive: notFaked('readLive'), ...reads }),
    cost: COST,
  }),
});

export interface Terminal {
  /** Whether a person sits there. */
  interactive?: boolean;
  /** What the person types. */
  input?: string;
  env?: Record<string, string>;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** One command line under way, with Ctrl-C at hand. */
export function start(args: readonly string[], deps: Deps, terminal: Terminal = {}) {
  const { interactive = false, input, env = {} } = terminal;
  const written = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') =>
    Object.assign(
      new PassThrough().on('data', (chunk: Buffer) => {
        written[name] += chunk.toString();
      }),
      { isTTY: interactive, columns: 120 },
    );
  const signals = new EventEmitter();
  const exits: number[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: interactive });
  if (input !== undefined) stdin.write(input);
  const io: Io = {
    stdin,
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: { HOME: '/home/ada', ORGSAGA_ACTOR: 'ada', NO_COLOR: '1', ...env },
    signals,
    exit: (code) => exits.push(code),
  };
  const ended: Promise<Ran> = run(args, io, deps).then((code) => ({ code, ...written }));
  return { ended, interrupt: () => signals.emit('SIGINT'), exits, written, signals };
}

export const orgsaga = (
  args: readonly string[],
  deps: Deps = fakeDeps({}),
  terminal: Terminal = {},
): Promise<Ran> => start(args, deps, terminal).ended;
