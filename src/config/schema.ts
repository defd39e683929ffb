import { z } from 'zod';
import { redact } from '../security/redact.js';
import { DURATION_FORM, parseDuration } from './duration.js';

/** Longest duration taken, a year: what is longer is a mistake, and timers of servers need not hold it. */
const LONGEST = 365 * 86_400_000;

function duration(byDefault: string, least = 1) {
  return z
    .string({ error: `must be ${DURATION_FORM}` })
    .transform((text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds === null || milliseconds < least || milliseconds > LONGEST) {
        context.addIssue({ code: 'custom', message: `must be ${DURATION_FORM}, ${least} ms to 365 days` });
        return z.NEVER;
      }
      return milliseconds;
    })
    .prefault(byDefault);
}

function count(byDefault: number, least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error }).default(byDefault);
}

function retryLevel(defaults: { max_retries: number; base: string; max: string }) {
  const error = 'must be a number from 1 to 100';
  return (
    z
      .strictObject({
        max_retries: count(defaults.max_retries, 0, 1000),
        base: duration(defaults.base),
        factor: z.number({ error }).min(1, { error }).max(100, { error }).default(2),
        max: duration(defaults.max),
      })
      // One of the two may be set without a thought for the other's default.
      .transform((level) => ({ ...level, base: Math.min(level.base, level.max) }))
      .prefault({})
  );
}

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of an environment variable' });
const notASecret = { error: 'holds a token itself: name the variable or file that holds it' };
const tokenSource = z
  .strictObject({
    env: variable.refine((name) => redact(name) === name, notASecret).optional(),
    file: z
      .string()
      .min(1)
      .refine((path) => redact(path) === path, notASecret)
      .optional(),
  })
  .refine((source) => (source.env === undefined) !== (source.file === undefined), {
    error: 'must name one of env and file',
  });

/** An organisation's login, GitHub's rule: 39 characters, single hyphens inside. */
const login = z
  .string()
  .regex(/^(?=.{1,39}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/, { error: 'is no login of an organisation' });

/** `orgsaga.config.yaml`: all keys optional, unknown ones refused. Durations come out in milliseconds. */
export const ConfigFile = z.strictObject({
  retry: z
    .strictObject({
      aggressive: retryLevel({ max_retries: 5, base: '2s', max: '60s' }),
      conservative: retryLevel({ max_retries: 2, base: '1s', max: '10s' }),
    })
    .prefault({}),
  activity: z
    .strictObject({
      start_to_close: duration('30s'),
      heartbeat: duration('10s'),
      /** How long a call may still be applied after it was sent. */
      settle: duration('60s', 0),
      /** How long after a write GitHub's reads and lists may still show what was there before it. */
      read_lag: duration('10s', 0),
    })
    .transform((activity) => ({
      ...activity,
      heartbeat: Math.min(activity.heartbeat, activity.start_to_close),
    }))
    .prefault({}),
  circuit_breaker: z
    .strictObject({
      failure_threshold: count(3, 1, 1000),
      timeout: duration('30s'),
      success_threshold: count(2, 1, 1000),
    })
    .prefault({}),
  cache: z
    .strictObject({
      max_entries: count(1000, 1, 1_000_000),
      ttl: duration('300s', 0),
      slow_ttl: duration('3600s', 0),
    })
    .prefault({}),
  lanes: z
    .strictObject({
      profile: z.enum(['documented', 'polite'], { error: 'must be documented or polite' }).optional(),
      concurrent: count(100, 1, 10_000),
      rest_points_per_minute: count(900, 1, 10_000_000),
      graphql_points_per_minute: count(2000, 1, 10_000_000),
      content_per_minute: count(80, 1, 10_000_000),
      content_per_hour: count(500, 1, 10_000_000),
      burst: count(100, 1, 10_000),
    })
    .prefault({}),
  batch: z
    .strictObject({
      page: count(100, 1, 500),
      size: count(50, 1, 100),
      concurrency: count(50, 1, 500),
      coalesce_max_wait: duration('500ms', 0),
      coalesce_max: count(20, 1, 100),
    })
    .prefault({}),
  /** What one worker process does at once. */
  worker: z
    .strictObject({
      max_concurrent_activities: count(200, 1, 10_000),
      max_concurrent_workflow_tasks: count(80, 2, 10_000),
    })
    .prefault({}),
  dead_letter: z.strictObject({ max_retries: count(3, 1, 1000), deadline: duration('7d') }).prefault({}),
  /** A run is in time when it is at rest within this. */
  sla: duration('1h'),
  tokens: z.record(login, tokenSource).default({}),
  /** Modules of connectors, relative to this file. */
  connectors: z
    .array(z.string({ error: 'must be the path of a module' }).min(1), {
      error: 'must be a list of paths of modules',
    })
    .default([]),
});

export type ConfigFile = z.output<typeof ConfigFile>;

/** Where an organisation's own token is found. */
export type TokenSource = z.output<typeof tokenSource>;
