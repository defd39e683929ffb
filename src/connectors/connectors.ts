import { createHash } from 'node:crypto';
import { httpTimeoutMs } from '../policies/http-timeout.js';
import { addSecret } from '../security/redact.js';
import type { Json } from '../standards/model.js';
import { Breakers, CONNECTOR_BREAKER } from './breakers.js';
import type { Connector, ConnectorContext } from './connector.js';
import { refusal } from './errors.js';
import { connectorHttp, type Traffic } from './http.js';
import type { ConnectorRegistry } from './registry.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** For whom a connector works. */
export interface Working {
  run: string;
  item: string;
  step: string;
  organization: string;
  actor: string;
  startedAt: number;
  results: Readonly<Record<string, Json>>;
}

export interface ConnectorsOptions {
  registry: ConnectorRegistry;
  env?: Environment;
  settings: { activity: { start_to_close: number } };
  breaker?: typeof CONNECTOR_BREAKER;
  now?: () => number;
}

/** The registered connectors with what they need to be called: addresses, credentials, circuit breakers. */
export class Connectors {
  readonly registry: ConnectorRegistry;
  private readonly env: Environment;
  private readonly now: () => number;
  private readonly timeoutMs: number;
  private readonly breakers: Breakers;

  constructor({
    registry,
    env = process.env,
    settings,
    breaker = CONNECTOR_BREAKER,
    now = Date.now,
  }: ConnectorsOptions) {
    this.registry = registry;
    this.env = env;
    this.now = now;
    this.timeoutMs = httpTimeoutMs(settings);
    this.breakers = new Breakers(breaker, now);
    for (const name of registry.names)
      for (const variables of registry.get(name)?.credentials ?? [])
        for (const variable of variables) addSecret(env[variable] ?? '');
  }

  /** What is not set that has to be, one line each. */
  missing({ name, address, credentials }: Connector): string[] {
    const unset = credentials
      .filter((variables) => this.first(variables) === null)
      .map((variables) => `${name}: ${variables.join(' or ')} is not set in the worker's environment`);
    const where = this.addressOf({ address });
    if (where === null) unset.push(`${name}: ${address.variable} is not set in the worker's environment`);
    else if (!isHttp(where)) unset.push(`${name}: ${address.variable} must be an http or https address`);
    return unset;
  }

  /** The context of one call, and what is noted of its traffic. @throws ConnectorError where a variable is missing */
  contextFor(connector: Connector, working: Working): { context: ConnectorContext; traffic: Traffic } {
    const missing = this.missing(connector);
    if (missing.length > 0) throw refusal(missing.join('\n'), 'unauthenticated');
    const traffic: Traffic = { applied: 0, requestId: null };
    const { run, item, step, organization, actor, startedAt, results } = working;
    const context: ConnectorContext = {
      key: keyOf(run, item, step),
      run,
      step,
      organization,
      repository: item,
      actor,
      startedAt,
      results,
      http: connectorHttp({
        address: this.addressOf(connector) ?? '',
        breakers: this.breakers,
        timeoutMs: this.timeoutMs,
        traffic,
        now: this.now,
      }),
      credential: (name) => {
        const value = this.first(connector.credentials.find(([first]) => first === name) ?? [name]);
        if (value === null) throw refusal(`${name} is not set`, 'unauthenticated');
        return value;
      },
    };
    return { context, traffic };
  }

  private addressOf({ address: { variable, byDefault } }: Pick<Connector, 'address'>): string | null {
    const set = this.env[variable]?.trim() || byDefault;
    return set === undefined ? null : set.replace(/\/{1,8}$/, '');
  }

  private first(variables: readonly string[]): string | null {
    for (const variable of variables) {
      const value = this.env[variable]?.trim() ?? '';
      if (value !== '') return value;
    }
    return null;
  }
}

/** The same for every try of a step; run ids hold randomness, so nobody meets it by chance. */
function keyOf(run: string, item: string, step: string): string {
  return createHash('sha256')
    .update(JSON.stringify([run, item, step]))
    .digest('hex')
    .slice(0, 32);
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && ['http:', 'https:'].includes(new URL(address).protocol);
}
