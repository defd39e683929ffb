import { readFile } from 'node:fs/promises';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';

/** Gives the token for the next request. Throws an Error that says which variables to set. */
export type TokenProvider = () => Promise<string>;

export interface TokenSources {
  /** REST root of the host that issues App tokens. */
  baseUrl: string;
  /** The environment that variables are looked up in. */
  env: Readonly<Record<string, string | undefined>>;
  /** Organisations' own tokens, by the name of a variable or a file. */
  tokens?: Readonly<Record<string, { env?: string | undefined; file?: string | undefined }>>;
  /** Longest time for one request in milliseconds. */
  timeoutMs?: number;
}

/** An App's token lives an hour; it is replaced this long before its end. */
const RENEW_BEFORE_MS = 5 * 60_000;
const TIMEOUT_MS = 20_000;

/**
 * The token source of an organisation: its own where one is configured, else GITHUB_TOKEN, else the GitHub App.
 * @throws Error that names what to set, where there is none
 */
export function tokenProvider(sources: TokenSources, organization?: string): TokenProvider {
  const own = Object.entries(sources.tokens ?? {}).find(
    ([login]) => login.toLowerCase() === organization?.toLowerCase(),
  );
  if (own !== undefined) return ownToken(own[0], own[1], sources.env);
  const { GITHUB_TOKEN: token, GITHUB_APP_ID: appId } = sources.env;
  if (token !== undefined && token !== '') return async () => token;
  if (appId !== undefined && appId !== '') return appToken(sources, appId);
  throw new Error(
    'no GitHub token: set GITHUB_TOKEN, or GITHUB_APP_ID with GITHUB_APP_INSTALLATION_ID and ' +
      'GITHUB_APP_PRIVATE_KEY (or GITHUB_APP_PRIVATE_KEY_FILE)',
  );
}

function ownToken(
  login: string,
  source: { env?: string | undefined; file?: string | undefined },
  env: TokenSources['env'],
): TokenProvider {
  const { env: variable, file } = source;
  if (variable !== undefined) {
    const token = env[variable];
    if (token === undefined || token === '')
      throw new Error(`no token for ${login}: tokens.${login}.env names ${variable}, which is not set`);
    return async () => token;
  }
  if (file === undefined)
    throw new Error(`no token for ${login}: tokens.${login} names neither env nor file`);
  // Read anew each time, so that a token replaced in the file is taken up.
  return async () => (await readSecret(file, `tokens.${login}.file`)).trim();
}

function appToken(sources: TokenSources, appId: string): TokenProvider {
  const { env, baseUrl, timeoutMs = TIMEOUT_MS } = sources;
  const installationId = env['GITHUB_APP_INSTALLATION_ID'];
  const key = env['GITHUB_APP_PRIVATE_KEY'];
  const keyFile = env['GITHUB_APP_PRIVATE_KEY_FILE'];
  const missing = [
    ...(installationId ? [] : ['GITHUB_APP_INSTALLATION_ID']),
    ...(key || keyFile ? [] : ['GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE']),
  ];
  if (missing.length > 0) throw new Error(`GITHUB_APP_ID is set, so set ${missing.join(' and ')} too`);

  const fetchInTime: typeof fetch = (input, init) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  const issue = async (): Promise<{ token: string; renewAt: number }> => {
    // A key in a variable often has its line ends written as \n.
    const privateKey = key
      ? key.replaceAll('\\n', '\n')
      : await readSecret(keyFile ?? '', 'GITHUB_APP_PRIVATE_KEY_FILE');
    const { request } = new Octokit({
      baseUrl: baseUrl.replace(/\/+$/, ''),
      request: { fetch: fetchInTime },
    });
    const auth = createAppAuth({ appId, privateKey, installationId: Number(installationId), request });
    const { token, expiresAt } = await auth({ type: 'installation', refresh: true }).catch(
      (error: unknown) => {
        const status = error instanceof Error && 'status' in error ? ` (${String(error.status)})` : '';
        throw new Error(
          `GitHub gave no token for App ${appId}, installation ${installationId}${status}: check GITHUB_APP_ID, ` +
            'GITHUB_APP_INSTALLATION_ID and the private key',
        );
      },
    );
    return { token, renewAt: Date.parse(expiresAt) - RENEW_BEFORE_MS };
  };

  let current: Promise<{ token: string; renewAt: number }> | null = null;
  return async () => {
    const known = await current?.catch(() => null);
    if (known && Date.now() < known.renewAt) return known.token;
    current = issue();
    return (await current).token;
  };
}

async function readSecret(path: string, source: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new Error(`cannot read the file that ${source} names, ${path}${code}`, { cause: error });
  }
}
