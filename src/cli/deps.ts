import type { Orgsaga } from '../api.js';
import type { Config } from '../config.js';
import type { OnboardingRequest } from '../connectors/onboarding-request.js';
import type { StrategyBench, StrategyOptions } from '../dev/bench/strategies.js';
import type { Stack, StackOptions } from '../dev/stack.js';
import type { RequestCount } from '../github/client.js';
import type { OrganizationPreview } from '../planning.js';
import type { CacheCounts, CacheStatistics } from '../policies/read-cache.js';
import type { Finding } from '../security/layers.js';
import type { LoadedStandards, StandardsDocument } from '../standards/document.js';
import type { Json, OrganizationState, RepositoryState } from '../standards/model.js';
import type { RepositoryRequest } from '../standards/repository-request.js';
import type { BreakerLedger } from '../store/breaker-ledger.js';
import type { RunningWorker } from '../worker.js';
import type { Io } from './io.js';

/** The runs of an installation, as commands use them. */
export type Client = Pick<Orgsaga, keyof Orgsaga>;

export interface LiveOrganization {
  organization: OrganizationState;
  repositories: RepositoryState[];
}

/** A primary limit as GitHub tells it; `reset` in seconds of the epoch. */
export interface LimitWindow {
  limit: number;
  used: number;
  remaining: number;
  reset: number;
}

export interface GitHubProbe {
  rest: LimitWindow;
  graphql: LimitWindow | null;
}

export interface ReadingOptions {
  /** Whose tokens are used. */
  organizations: readonly string[];
  /** Takes recent answers unasked; else every answer is asked for, by its ETag where it has one. */
  cached: boolean;
  /** False: by REST only. */
  graphql?: boolean;
}

export interface Reads {
  /** The last preview of an organisation is complete; those before hold what has been read so far. */
  plan(document: StandardsDocument): AsyncIterable<OrganizationPreview>;
  readLive(organization: string, onPage: (read: number, total: number) => void): Promise<LiveOrganization>;
}

export interface ReadingCost {
  /** Requests that were sent, those included that GitHub answered with "unchanged" and did not count. */
  requests: RequestCount;
  cache: CacheCounts;
  /** Why the answers could not be kept for the next command; null where they are. */
  notKept: string | null;
}

/** What the commands do their work with. Loaded when first used, so that `--help` is quick. */
export interface Deps {
  loadConfig(env: Io['env']): Promise<Config>;
  loadStandards(path: string): Promise<LoadedStandards>;
  validateStandards(document: StandardsDocument): Promise<Finding[]>;
  /** Both throw StandardsError with everything that is wrong. */
  loadRepositoryRequest(path: string): Promise<RepositoryRequest>;
  readRepositoryRequest(asked: Json): Promise<RepositoryRequest>;
  /** Throws StandardsError; knows our connectors and those of the configuration. */
  loadOnboarding(path: string, config: Config): Promise<OnboardingRequest>;
  connect(config: Config): Promise<Client>;
  /** Reads GitHub with this environment's own tokens, through the cache. */
  withReads<T>(
    config: Config,
    env: Io['env'],
    options: ReadingOptions,
    work: (reads: Reads) => Promise<T>,
  ): Promise<{ value: T; cost: ReadingCost }>;
  /** What the cache has come to for the token of an organisation, or null for the default one. */
  readCache(config: Config, env: Io['env'], organization: string | null): Promise<CacheStatistics>;
  runWorker(config: Config): Promise<RunningWorker>;
  startStack(options: StackOptions): Promise<Stack>;
  /** Compares the strategies of apply, see {@link StrategyBench}. Throws where one of its servers does not start. */
  bench(options: StrategyOptions): Promise<StrategyBench>;
  /** Works with the store and closes it. Throws where it cannot be opened. */
  withStore<T>(config: Config, work: (store: BreakerLedger) => Promise<T>): Promise<T>;
  probeGitHub(config: Config, env: Io['env'], organization: string | null): Promise<GitHubProbe>;
}
