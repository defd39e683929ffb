import { createHash } from 'node:crypto';
import type { Environment } from './config/environment.js';
import type { Config } from './config.js';
import type { GitHubClient } from './github/client.js';
import { unknownHost } from './github/client-options.js';
import { createGitHubClient } from './github/create-client.js';
import { GitHubError } from './github/errors.js';
import { createGate, type Gate } from './github/gate.js';
import { healthProbe } from './github/health.js';
import type { Transition } from './github/lane-breakers.js';
import type { ReadCache } from './github/read-cache.js';
import { sharedTurns } from './github/shared-turns.js';
import { type TokenProvider, tokenProvider } from './github/token-provider.js';
import { ownTurns } from './github/turns.js';
import { httpTimeoutMs } from './policies/http-timeout.js';
import type { TurnLedger } from './policies/turn-notes.js';

/** Gives the client of an organisation's token. @throws Error that says which variable to set */
export type GitHubAccess = (organization: string, options?: { graphql?: boolean }) => GitHubClient;

/** Told of what stands between a process and GitHub, by token: the login of the organisation that has its own, or `default`. */
export interface AccessWatch {
  /** The first use of a token. */
  made(token: string, gate: Gate): void;
  moved(token: string, transition: Transition): void;
}

/** A worker's part in what all workers of a store share. */
export interface SharedAccess {
  /** Where the requests of a token are counted with those of its other workers. */
  ledger: TurnLedger;
  /** What tells this worker from the others. */
  worker: string;
  watch: AccessWatch;
}

const USER_AGENT = 'orgsaga';
/** The label of the token of organisations that have none of their own. */
const DEFAULT_TOKEN = 'default';

/**
 * Access to GitHub for this process: one gate for each token, and what is gathered behind it, whatever organisation it is used for.
 * @param shared for a worker; without it this process counts alone
 * @param caches for who only reads: where answers are kept, by {@link tokenLabel}
 */
export function githubAccess(
  config: Config,
  env: Environment = process.env,
  shared?: SharedAccess,
  caches?: ReadonlyMap<string, ReadCache>,
): GitHubAccess {
  const { github, lanes, circuit_breaker: breaker, batch: coalescing } = config;
  const host = unknownHost();
  const tokens = new Map<string, { whole: GitHubClient; byRest: GitHubClient }>();
  const timeoutMs = httpTimeoutMs(config);

  const clientsOf = (organization: string) => {
    const label = tokenLabel(config, organization);
    const known = tokens.get(label);
    if (known !== undefined) return known;
    const auth = providerOf(config, env, organization);
    const cache = caches?.get(label);
    const gate = createGate({
      lanes,
      breaker,
      probe: healthProbe({ baseUrl: github.apiUrl, auth, timeoutMs, userAgent: USER_AGENT }),
      turns:
        shared === undefined
          ? ownTurns(lanes)
          : sharedTurns({
              ledger: shared.ledger,
              host: github.apiUrl,
              token: () => tokenId(config, label, auth),
              worker: shared.worker,
              lanes,
            }),
      onTransition: (transition) => shared?.watch.moved(label, transition),
    });
    shared?.watch.made(label, gate);
    const options = {
      baseUrl: github.apiUrl,
      auth,
      gate,
      timeoutMs,
      maxWaitMs: config.activity.start_to_close / 4,
      host,
      userAgent: USER_AGENT,
      coalescing,
      ...(cache === undefined ? {} : { cache }),
    };
    const made = {
      whole: createGitHubClient({ ...options, graphql: true }),
      byRest: createGitHubClient({ ...options, graphql: false }),
    };
    tokens.set(label, made);
    return made;
  };

  return (organization, { graphql = true } = {}) => {
    const { whole, byRest } = clientsOf(organization);
    return graphql ? whole : byRest;
  };
}

/** Which token is used for an organisation: its login in lower case where it has its own, else `default`. */
export const tokenLabel = ({ github }: Config, organization: string): string =>
  organization.toLowerCase() in github.tokens ? organization.toLowerCase() : DEFAULT_TOKEN;

/** {@link tokenId} of the token that is used for an organisation. @throws GitHubError where there is none */
export const tokenIdFor = (config: Config, env: Environment, organization: string): Promise<string> =>
  tokenId(config, tokenLabel(config, organization), providerOf(config, env, organization));

/**
 * What tells a token from others in every process that has it, and lets nobody find it out. An App's installation has many tokens with one
 * limit.
 */
async function tokenId({ github }: Config, label: string, auth: TokenProvider): Promise<string> {
  const { app } = github;
  const isApp = app !== undefined && github.token === undefined && label === DEFAULT_TOKEN;
  const what = isApp ? `app ${app.appId} ${app.installationId}` : await auth().catch(() => '');
  return createHash('sha256').update(`${github.apiUrl} ${what}`).digest('hex').slice(0, 32);
}

/** A token that is not there ends a run as one that is not accepted does: nothing can pass until somebody sets it. */
function providerOf(config: Config, env: Environment, organization: string): TokenProvider {
  const { apiUrl: baseUrl, tokens } = config.github;
  try {
    return tokenProvider({ baseUrl, env, tokens, timeoutMs: httpTimeoutMs(config) }, organization);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new GitHubError(message, { kind: 'unauthenticated', status: 401 });
  }
}
