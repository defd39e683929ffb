import type { Config } from '../../config.js';
import type { ApiError } from '../../errors.js';
import type { Client, Deps } from '../deps.js';
import { CliError, explain } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { configuredTokens, NO_TOKEN } from '../token.js';
import { type Check, fail, ok, warn } from './check.js';

const HINTS: Partial<Record<ApiError['problem'], string>> = {
  no_server: 'Start one to try things on with `orgsaga dev`, or set TEMPORAL_ADDRESS.',
  unauthenticated: 'Check TEMPORAL_API_KEY, TEMPORAL_TLS_* and TEMPORAL_NAMESPACE.',
};

async function checkPollers(client: Client, taskQueue: string): Promise<Check> {
  const pollers = await client.pollers();
  if (pollers > 0) return ok('workers', `${pollers} on task queue ${taskQueue}`);
  return warn('workers', `none polls task queue ${taskQueue}`, 'Start one: orgsaga worker');
}

/** Looks for runs, which the server refuses where the attributes to look by are not there. */
async function checkSearchAttributes(client: Client): Promise<Check> {
  try {
    await client.runs({ limit: 1 });
    return ok('search attributes', 'registered');
  } catch (error) {
    const hint =
      'The first worker registers them where it may, and says what to run where it may not: orgsaga worker';
    return warn('search attributes', explain(error).message, hint);
  }
}

/** The server, its namespace, search attributes, and whether workers poll. */
export async function checkTemporal(config: Config, deps: Deps): Promise<Check[]> {
  const { address, namespace } = config.temporal;
  const where = `${address}, namespace ${namespace}`;
  let client: Client | null = null;
  try {
    client = await deps.connect(config);
    // Asking for pollers needs the namespace, too.
    const pollers = await checkPollers(client, config.taskQueue);
    return [ok('Temporal', where), await checkSearchAttributes(client), pollers];
  } catch (error) {
    const problem = error instanceof Error && 'problem' in error ? (error as ApiError).problem : null;
    const hint =
      (problem === null ? undefined : HINTS[problem]) ?? 'Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.';
    return [fail('Temporal', error, hint)];
  } finally {
    await client?.close();
  }
}

async function checkToken(
  config: Config,
  deps: Deps,
  env: Io['env'],
  organization: string | null,
): Promise<Check> {
  const name = organization === null ? 'GitHub' : `GitHub for ${organization}`;
  try {
    const { rest, graphql } = await deps.probeGitHub(config, env, organization);
    const limits = [`REST ${rest.remaining} of ${rest.limit} left this hour`];
    if (graphql !== null) limits.push(`GraphQL ${graphql.remaining} of ${graphql.limit}`);
    return ok(name, `${config.github.apiUrl}: ${limits.join(', ')}`);
  } catch (error) {
    return fail(name, error, `Check the token and GITHUB_API_URL (${config.github.apiUrl}).`);
  }
}

/** Whether GitHub answers, and takes every token that is configured. */
export async function checkGitHub(config: Config, deps: Deps, env: Io['env']): Promise<Check[]> {
  const asked = configuredTokens(config);
  if (asked.length === 0)
    return [
      fail(
        'GitHub',
        new CliError('there is no token', EXIT.authentication),
        `Here and for workers: ${NO_TOKEN}.`,
      ),
    ];
  return Promise.all(asked.map((organization) => checkToken(config, deps, env, organization)));
}
