import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { nearest } from '../standards/nearest.js';

/** Environment variables; an empty one counts as not set, as CI systems leave them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function withoutEmpty(env: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && value !== '') set[name] = value;
  return set;
}

/** Data and cache directories: ORGSAGA_HOME for both, else as the XDG base directory specification has them. */
export function directoriesOf(env: Environment, cwd: string): { home: string; cacheDirectory: string } {
  if (env['ORGSAGA_HOME'] !== undefined) {
    const home = resolve(cwd, env['ORGSAGA_HOME']);
    return { home, cacheDirectory: home };
  }
  const user = env['HOME'] ?? homedir();
  return {
    home: join(resolve(cwd, env['XDG_DATA_HOME'] ?? join(user, '.local', 'share')), 'orgsaga'),
    cacheDirectory: join(resolve(cwd, env['XDG_CACHE_HOME'] ?? join(user, '.cache')), 'orgsaga'),
  };
}

/** Who asks: ORGSAGA_ACTOR, else the operating system's user name. */
export function actorOf(env: Environment): string {
  if (env['ORGSAGA_ACTOR'] !== undefined) return env['ORGSAGA_ACTOR'];
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

export function logLevelOf(env: Environment, problems: string[]): LogLevel {
  const value = env['ORGSAGA_LOG_LEVEL'];
  if (value === undefined) return 'info';
  const level = LOG_LEVELS.find((known) => known === value.toLowerCase());
  if (level !== undefined) return level;
  const near = nearest(value, LOG_LEVELS);
  const hint = near === null ? '' : `; did you mean ${near}?`;
  problems.push(`ORGSAGA_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}${hint}`);
  return 'info';
}

export function metricsAddressOf(env: Environment, problems: string[]): string | undefined {
  const value = env['ORGSAGA_METRICS_ADDRESS'];
  if (value === undefined || isHostPort(value)) return value;
  problems.push('ORGSAGA_METRICS_ADDRESS must be host:port, such as 127.0.0.1:9464');
  return undefined;
}

/** The Postgres URL. Problems never show it: it holds a password. */
export function databaseUrlOf(env: Environment, problems: string[]): string | undefined {
  const value = env['DATABASE_URL'];
  if (value === undefined) return undefined;
  if (!/^postgres(ql)?:\/\//.test(value)) {
    problems.push('DATABASE_URL must begin with postgres:// (unset it to use SQLite in the data directory)');
  } else if (!URL.canParse(value)) {
    problems.push(
      'DATABASE_URL cannot be read as a URL; it should look like postgres://user:password@host:5432/name, ' +
        'special characters of the password percent-encoded',
    );
  }
  return value;
}

export function isHostPort(value: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(value)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
