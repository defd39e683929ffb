import type { Logger as TemporalLogger } from '@temporalio/common';
import { type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from './config/environment.js';
import { redact } from './security/redact.js';

export type { Logger } from 'pino';

/** Where lines go: stderr, as stdout belongs to `--json`. */
export interface LogSink {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/**
 * A logger that writes one line an event, as JSON, or readable on a terminal. Every line passes {@link redact} whole, so
 * that no field, message or cause can carry a credential past it. Stacks are written from level debug down only.
 */
export function createLogger(level: LogLevel, sink: LogSink = process.stderr): Logger {
  const forPeople =
    sink.isTTY === true ? pretty.prettyFactory({ colorize: true, ignore: 'pid,hostname' }) : null;
  const withStacks = level === 'debug' || level === 'trace';
  const error = withStacks ? stdSerializers.err : briefError;
  const options = { level, serializers: { err: error, error }, base: { pid: process.pid } };
  return pino(options, {
    write(line: string) {
      const clean = redact(line);
      sink.write(forPeople === null ? clean : forPeople(clean));
    },
  });
}

/** Temporal's Runtime and workers log through this: `Runtime.install({ logger: temporalLogger(log) })`. */
export function temporalLogger(log: Logger): TemporalLogger {
  const write =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, meta?: object) => {
      log[level](meta ?? {}, message);
    };
  const methods = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const byLevel = {
    TRACE: methods.trace,
    DEBUG: methods.debug,
    INFO: methods.info,
    WARN: methods.warn,
    ERROR: methods.error,
  };
  return { ...methods, log: (level, message, meta) => byLevel[level](message, meta) };
}

function briefError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const messages: string[] = [];
  for (let cause: unknown = thrown; cause instanceof Error && messages.length < 8; cause = cause.cause) {
    messages.push(cause.message);
  }
  return { type: thrown.name, message: messages.join(': ') };
}
