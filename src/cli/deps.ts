import type { Orgsaga } from '../api.js';
import type { Config } from '../config.js';
import type { OnboardingRequest } from '../connectors/onboarding-request.js';
import type { Stack, StackOptions } from '../dev/stack.js';
import type { OrganizationPreview } from '../planning.js';
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
  /** The last preview of an organisation is complete; those before hold what has been read so far. */
  plan(document: StandardsDocument, config: Config, env: Io['env']): AsyncIterable<OrganizationPreview>;
  readLive(
    organization: string,
    config: Config,
    env: Io['env'],
    onPage: (read: number, total: number) => void,
  ): Promise<LiveOrganization>;
  runWorker(config: Config): Promise<RunningWorker>;
  startStack(options: StackOptions): Promise<Stack>;
  /** Works with the store and closes it. Throws where it cannot be opened. */
  withStore<T>(config: Config, work: (store: BreakerLedger) => Promise<T>): Promise<T>;
  probeGitHub(config: Config, env: Io['env'], organization: string | null): Promise<GitHubProbe>;
}
