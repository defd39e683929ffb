import { createHash, randomUUID } from 'node:crypto';
import type { Environment } from './config/environment.js';
import type { Config } from './config.js';
import type { GitHubClient } from './github/client.js';
import { createGitHubClient, unknownHost } from './github/create-client.js';
import { GitHubError } from './github/errors.js';
import { createGate } from './github/gate.js';
import { healthProbe } from './github/health.js';
import { sharedTurns } from './github/shared-turns.js';
import { type TokenProvider, tokenProvider } from './github/token-provider.js';
import { ownTurns } from './github/turns.js';
import { httpTimeoutMs } from './policies/http-timeout.js';
import type { TurnLedger } from './policies/turn-notes.js';

/** Gives the client of an organisation's token. @throws Error that says which variable to set */
export type GitHubAccess = (organization: string, options?: { graphql?: boolean }) => GitHubClient;

const USER_AGENT = 'orgsaga';

/**
 * Access to GitHub for this process: one gate for each token, and what is gathered behind it, whatever organisation it is used for.
 * @param ledger where the requests of a token are counted with those of its other workers; without it this process counts alone
 */
export function githubAccess(
  config: Config,
  env: Environment = process.env,
  ledger?: TurnLedger,
): GitHubAccess {
  const { github, lanes, circuit_breaker: breaker, batch: coalescing } = config;
  const host = unknownHost();
  const tokens = new Map<string, { whole: GitHubClient; byRest: GitHubClient }>();
  const timeoutMs = httpTimeoutMs(config);
  const worker = randomUUID();

  const clientsOf = (organization: string) => {
    const name = organization.toLowerCase() in github.tokens ? organization.toLowerCase() : '';
    const known = tokens.get(name);
    if (known !== undefined) return known;
    const auth = providerOf({ baseUrl: github.apiUrl, env, tokens: github.tokens, timeoutMs }, organization);
    const turns =
      ledger === undefined
        ? ownTurns(lanes)
        : sharedTurns({ ledger, token: () => tokenId(config, name, auth), worker, lanes });
    const probe = healthProbe({ baseUrl: github.apiUrl, auth, timeoutMs, userAgent: USER_AGENT });
    const options = {
      baseUrl: github.apiUrl,
      auth,
      gate: createGate({ lanes, breaker, probe, turns }),
      timeoutMs,
      maxWaitMs: config.activity.start_to_close / 4,
      host,
      userAgent: USER_AGENT,
      coalescing,
    };
    const made = {
      whole: createGitHubClient({ ...options, graphql: true }),
      byRest: createGitHubClient({ ...options, graphql: false }),
    };
    tokens.set(name, made);
    return made;
  };

  return (organization, { graphql = true } = {}) => {
    const { whole, byRest } = clientsOf(organization);
    return graphql ? whole : byRest;
  };
}

/**
 * What tells a token from others in every worker that has it, and lets nobody find it out. An App's installation has many tokens with one
 * limit.
 */
async function tokenId({ github }: Config, organization: string, auth: TokenProvider): Promise<string> {
  const { app } = github;
  const isApp = app !== undefined && github.token === undefined && organization === '';
  const what = isApp ? `app ${app.appId} ${app.installationId}` : await auth().catch(() => '');
  return createHash('sha256').update(`${github.apiUrl} ${what}`).digest('hex').slice(0, 32);
}

/** A token that is not there ends a run as one that is not accepted does: nothing can pass until somebody sets it. */
function providerOf(sources: Parameters<typeof tokenProvider>[0], organization: string): TokenProvider {
  try {
    return tokenProvider(sources, organization);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new GitHubError(message, { kind: 'unauthenticated', status: 401 });
  }
}
