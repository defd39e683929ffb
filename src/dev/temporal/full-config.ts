import { stringify } from 'yaml';

const LOOPBACK = '127.0.0.1';

/** Each service has a port for gRPC, and one by which the services find each other. */
export interface FullServerPorts {
  frontend: [number, number];
  matching: [number, number];
  history: [number, number];
  worker: [number, number];
}

export interface FullServerConfig {
  ports: FullServerPorts;
  postgres: { port: number; user: string; password: string };
  databases: { temporal: string; visibility: string };
  dynamicConfigFile: string;
}

/** Shards of history. Four are enough for one host; a cluster's number is fixed when it is made, and production takes 512 or more. */
const HISTORY_SHARDS = 4;
/** Connections to each database; the visibility one is read by lists and counts only. */
const CONNECTIONS = { temporal: 20, visibility: 5 };

const service = ([grpcPort, membershipPort]: [number, number]) => ({
  rpc: { grpcPort, membershipPort, bindOnLocalHost: true },
});

/** Configuration of a whole Temporal server in one process on Postgres, in the shape of the server's own `config/development-postgres12.yaml`. */
export function fullConfig({ ports, postgres, databases, dynamicConfigFile }: FullServerConfig): string {
  const sql = (databaseName: string, connections: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `${LOOPBACK}:${postgres.port}`,
      connectProtocol: 'tcp',
      user: postgres.user,
      password: postgres.password,
      maxConns: connections,
      maxIdleConns: connections,
      maxConnLifetime: '1h',
    },
  });
  return stringify({
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: {
        default: sql(databases.temporal, CONNECTIONS.temporal),
        visibility: sql(databases.visibility, CONNECTIONS.visibility),
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: LOOPBACK } },
    services: {
      frontend: service(ports.frontend),
      matching: service(ports.matching),
      history: service(ports.history),
      worker: service(ports.worker),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `${LOOPBACK}:${ports.frontend[0]}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicConfigFile, pollInterval: '10s' },
  });
}

/**
 * Dynamic configuration in the file's shape.
 * @param values key to JSON text, as the dev server takes it on its command line
 */
export function dynamicConfig(values: Readonly<Record<string, string>>): string {
  const entries = Object.entries(values).map(([key, value]) => [
    key,
    [{ value: JSON.parse(value) as unknown, constraints: {} }],
  ]);
  return stringify(Object.fromEntries(entries));
}

/** Configuration of the Web UI's own server. */
export function uiConfig(port: number, temporal: string): string {
  return stringify({
    host: LOOPBACK,
    port,
    temporalGrpcAddress: temporal,
    enableUi: true,
    defaultNamespace: 'default',
    // What nobody else can reach asks nobody about newer versions either.
    notifyOnNewVersion: false,
  });
}
