import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { isHostPort } from './environment.js';

/** Options that both of Temporal's connections take (`Connection` and `NativeConnection`), and the namespace. */
export interface TemporalConfig {
  address: string;
  namespace: string;
  apiKey?: string;
  tls?: NonNullable<ConnectionOptions['tls']>;
  metadata?: Record<string, string>;
}

const DEFAULTS: TemporalConfig = { address: '127.0.0.1:7233', namespace: 'default' };
const FLAGS = ['TEMPORAL_TLS', 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'];

/** What TEMPORAL_* and Temporal's own profile file say, read by Temporal's own reader. */
export function temporalOf(env: Record<string, string>, problems: string[]): TemporalConfig {
  // Temporal's reader takes any other word for false and would connect in plain text.
  for (const flag of FLAGS) {
    if (env[flag] !== undefined && !['1', 'true', '0', 'false'].includes(env[flag])) {
      problems.push(`${flag} must be true or false`);
    }
  }
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: env });
    if ((profile.tls?.clientCert === undefined) !== (profile.tls?.clientKey === undefined)) {
      problems.push('Temporal: TLS needs the client certificate and its key, only one of them is set');
    }
    const address = profile.address ?? DEFAULTS.address;
    if (!isHostPort(address)) {
      problems.push('TEMPORAL_ADDRESS must be host:port without a scheme, such as 127.0.0.1:7233');
    }
    const { apiKey, tls, metadata } = toClientOptions(profile).connectionOptions;
    return {
      address,
      namespace: profile.namespace ?? DEFAULTS.namespace,
      ...(typeof apiKey === 'string' ? { apiKey } : {}),
      ...(tls === undefined || tls === null ? {} : { tls }),
      ...(profile.grpcMeta === undefined || metadata === undefined ? {} : { metadata: profile.grpcMeta }),
    };
  } catch (error) {
    problems.push(
      `Temporal's settings cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`,
    );
    return DEFAULTS;
  }
}
