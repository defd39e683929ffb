import type { Connector } from './connector.js';

/** The connectors of a process, by name. */
export interface ConnectorRegistry {
  get(name: string): Connector | null;
  readonly names: readonly string[];
}

const NAME = /^[a-z][a-z0-9-]{0,38}$/;

/** Names that an onboarding file uses for what is made of GitHub's own operations. */
export const RESERVED = ['github', 'github-actions'] as const;

/** @throws Error where two have one name */
export function createRegistry(connectors: readonly Connector[]): ConnectorRegistry {
  const byName = new Map<string, Connector>();
  for (const connector of connectors) {
    const { name } = connector;
    if (byName.has(name) || RESERVED.some((reserved) => reserved === name))
      throw new Error(`There are two connectors named ${name}; rename one.`);
    byName.set(name, connector);
  }
  return { get: (name) => byName.get(name) ?? null, names: [...byName.keys()] };
}

/** What keeps a value of somebody else's module from being a connector; null where it is one. */
export function whyNoConnector(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'is no object';
  const fields = value as Readonly<Record<string, unknown>>;
  const { name, options, address, credentials, idempotent } = fields;
  if (typeof name !== 'string' || !NAME.test(name))
    return 'has no name of lower case letters, digits and hyphens';
  const missing = ['forward', 'inspect', 'compensate'].find((method) => typeof fields[method] !== 'function');
  if (missing !== undefined) return `(${name}) has no function ${missing}`;
  const schema = options as { safeParse?: unknown } | null | undefined;
  if (typeof schema?.safeParse !== 'function') return `(${name}) has no zod schema under options`;
  const place = address as { variable?: unknown } | null | undefined;
  if (typeof place?.variable !== 'string')
    return `(${name}) does not say under address.variable which variable holds its address`;
  if (!Array.isArray(credentials) || !credentials.every(isListOfNames))
    return `(${name}) does not list its credentials as lists of names of variables`;
  return typeof idempotent === 'boolean' ? null : `(${name}) does not say whether it is idempotent`;
}

const isListOfNames = (entry: unknown): boolean =>
  Array.isArray(entry) && entry.length > 0 && entry.every((name) => typeof name === 'string');
