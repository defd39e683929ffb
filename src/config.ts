import { dirname, resolve } from 'node:path';
import { type DeploymentConfig, deploymentOf } from './config/deployment.js';
import type { LogLevel } from './config/environment.js';
import {
  actorOf,
  databaseUrlOf,
  directoriesOf,
  logLevelOf,
  metricsAddressOf,
  withoutEmpty,
} from './config/environment.js';
import { ConfigError } from './config/error.js';
import { readConfigFile } from './config/file.js';
import { type GitHubConfig, githubOf, isGitHubCom } from './config/github.js';
import type { ConfigFile } from './config/schema.js';
import { type TemporalConfig, temporalOf } from './config/temporal.js';
import { redact } from './security/redact.js';

export { ConfigError } from './config/error.js';
export { type GitHubConfig, readToken } from './config/github.js';
export { type RunSettings, runSettings } from './config/run-settings.js';
export type { TokenSource } from './config/schema.js';
export type { TemporalConfig } from './config/temporal.js';

/** All that an installation can set, defaults filled in; durations in milliseconds. Holds secrets: never log it. */
export interface Config extends Omit<ConfigFile, 'tokens' | 'lanes'> {
  temporal: TemporalConfig;
  taskQueue: string;
  github: GitHubConfig;
  /** Postgres; without it the store is SQLite in `home`. */
  databaseUrl?: string;
  /** Data: ORGSAGA_HOME, else `orgsaga` in XDG's data directory. */
  home: string;
  /** Tools and what can be fetched again: ORGSAGA_HOME, else `orgsaga` in XDG's cache directory. */
  cacheDirectory: string;
  /** Who asks; asserted, not proved. */
  actor: string;
  logLevel: LogLevel;
  /** `host:port` on which a worker serves its metrics. */
  metricsAddress?: string;
  /** Set where workers are versioned. */
  deployment?: DeploymentConfig;
  /** `profile` is `polite` where the host is api.github.com and `documented` elsewhere, unless set. */
  lanes: ConfigFile['lanes'] & { profile: 'documented' | 'polite' };
}

/**
 * Reads the environment and `orgsaga.config.yaml` of `cwd` (or the file that ORGSAGA_CONFIG names).
 * @throws ConfigError with all that is wrong at once, without a value of a secret
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  cwd: string = process.cwd(),
): Config {
  const problems: string[] = [];
  const set = withoutEmpty(env);
  const { tokens, lanes, ...sections } = readConfigFile(set['ORGSAGA_CONFIG'], cwd, problems);
  const github = githubOf(set, cwd, tokens, problems);
  const databaseUrl = databaseUrlOf(set, problems);
  const metricsAddress = metricsAddressOf(set, problems);
  const deployment = deploymentOf(set, problems);
  const config: Config = {
    ...sections,
    ...directoriesOf(set, cwd),
    connectors: sections.connectors.map((path) => resolve(cwd, dirname(set['ORGSAGA_CONFIG'] ?? '.'), path)),
    temporal: temporalOf(set, problems),
    taskQueue: set['ORGSAGA_TASK_QUEUE'] ?? 'orgsaga',
    github,
    actor: actorOf(set),
    logLevel: logLevelOf(set, problems),
    lanes: { ...lanes, profile: lanes.profile ?? (isGitHubCom(github.apiUrl) ? 'polite' : 'documented') },
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(metricsAddress === undefined ? {} : { metricsAddress }),
    ...(deployment === undefined ? {} : { deployment }),
  };
  if (problems.length > 0) throw new ConfigError(problems.map(redact));
  return config;
}

/** Every secret value that the configuration holds, for the log's redaction (`addSecret`). */
export function secretsOf(config: Config): string[] {
  const { github, temporal, databaseUrl } = config;
  const password = databaseUrl === undefined ? '' : decodeURIComponent(new URL(databaseUrl).password);
  return [
    github.token,
    github.app?.privateKey,
    temporal.apiKey,
    databaseUrl,
    password,
    ...Object.values(temporal.metadata ?? {}),
  ].filter((secret): secret is string => secret !== undefined && secret !== '');
}
