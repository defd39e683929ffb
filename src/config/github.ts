import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from './environment.js';
import { systemCode } from './error.js';
import type { TokenSource } from './schema.js';

export interface GitHubConfig {
  /** Without a slash at its end; also a GitHub Enterprise Server's `/api/v3`. */
  apiUrl: string;
  token?: string;
  /** Used where `token` is not set. */
  app?: { appId: string; installationId: string; privateKey: string };
  /** Organisations' own tokens by login in lower case; {@link readToken} reads one. */
  tokens: Record<string, TokenSource>;
}

const DEFAULT_API_URL = 'https://api.github.com';

export function githubOf(
  env: Environment,
  cwd: string,
  tokens: Record<string, TokenSource>,
  problems: string[],
): GitHubConfig {
  const token = env['GITHUB_TOKEN']?.trim();
  const app = appOf(env, cwd, problems);
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    problems.push(
      'GITHUB_TOKEN holds a character that no token has (a space, a line break or a letter beyond ASCII)',
    );
  }
  const folded: Record<string, TokenSource> = {};
  for (const [login, source] of Object.entries(tokens)) {
    folded[login.toLowerCase()] = source.file === undefined ? source : { file: resolve(cwd, source.file) };
  }
  return {
    apiUrl: apiUrlOf(env, problems),
    tokens: folded,
    ...(token === undefined ? {} : { token }),
    ...(app === undefined ? {} : { app }),
  };
}

/** Whether the API is GitHub's own, not an Enterprise Server or a simulation. */
export function isGitHubCom(apiUrl: string): boolean {
  return URL.canParse(apiUrl) && new URL(apiUrl).hostname === 'api.github.com';
}

/**
 * Reads an organisation's own token where `tokens` says it is.
 * @throws Error that names the variable or file, never the token
 */
export function readToken(source: TokenSource, env: Environment = process.env): string {
  let token: string | undefined;
  if (source.env !== undefined) {
    token = env[source.env]?.trim();
  } else if (source.file !== undefined) {
    try {
      token = readFileSync(source.file, 'utf8').trim();
    } catch (error) {
      const code = systemCode(error);
      throw new Error(`The token file ${source.file} cannot be read: ${code}.`, { cause: error });
    }
  }
  if (token) return token;
  throw new Error(
    `No token: ${source.env === undefined ? `file ${source.file} is empty` : `${source.env} is not set`}.`,
  );
}

function apiUrlOf(env: Environment, problems: string[]): string {
  const value = env['GITHUB_API_URL']?.trim() ?? DEFAULT_API_URL;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    problems.push(
      `GITHUB_API_URL must be a URL such as ${DEFAULT_API_URL} or https://github.example.com/api/v3`,
    );
  } else if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    problems.push(
      'GITHUB_API_URL must not hold credentials, a query or a fragment; the token goes into GITHUB_TOKEN',
    );
  }
  // As one host is written by all, so that they know each other's word by it.
  return (url?.href ?? value).replace(/\/{1,8}$/, '');
}

function appOf(env: Environment, cwd: string, problems: string[]): GitHubConfig['app'] {
  const appId = env['GITHUB_APP_ID'];
  const installationId = env['GITHUB_APP_INSTALLATION_ID'];
  const inline = env['GITHUB_APP_PRIVATE_KEY'];
  const file = env['GITHUB_APP_PRIVATE_KEY_FILE'];
  if ([appId, installationId, inline, file].every((value) => value === undefined)) return undefined;
  for (const [name, value] of Object.entries({
    GITHUB_APP_ID: appId,
    GITHUB_APP_INSTALLATION_ID: installationId,
  })) {
    if (value === undefined) problems.push(`${name} is not set, but other GITHUB_APP_ variables are`);
    else if (!/^[A-Za-z0-9.]{1,64}$/.test(value))
      problems.push(`${name} must be the number that GitHub shows`);
  }
  const privateKey = privateKeyOf(inline, file, cwd, problems);
  if (appId === undefined || installationId === undefined || privateKey === undefined) return undefined;
  return { appId, installationId, privateKey };
}

function privateKeyOf(
  inline: string | undefined,
  file: string | undefined,
  cwd: string,
  problems: string[],
): string | undefined {
  if (inline !== undefined && file !== undefined) {
    problems.push('GITHUB_APP_PRIVATE_KEY and GITHUB_APP_PRIVATE_KEY_FILE are both set; unset one');
    return undefined;
  }
  if (inline === undefined && file === undefined) {
    problems.push(
      'GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE is not set, but other GITHUB_APP_ variables are',
    );
    return undefined;
  }
  const name = inline === undefined ? 'GITHUB_APP_PRIVATE_KEY_FILE' : 'GITHUB_APP_PRIVATE_KEY';
  let key: string;
  try {
    // Variables often hold a key on one line, its line breaks written as \n.
    key = inline?.replaceAll(String.raw`\n`, '\n') ?? readFileSync(resolve(cwd, file ?? ''), 'utf8');
  } catch (error) {
    problems.push(`${name} names a file that cannot be read: ${systemCode(error)}`);
    return undefined;
  }
  if (!/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/.test(key))
    problems.push(`${name} holds no private key in PEM form`);
  return key;
}
