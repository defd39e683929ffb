import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../src/dev/ports.js';
import { dynamicConfig, fullConfig, uiConfig } from '../../src/dev/temporal/full-config.js';
import { servicePorts } from '../../src/dev/temporal/service-ports.js';

const CONFIG = {
  ports: {
    frontend: [7233, 6933],
    matching: [7235, 6935],
    history: [7234, 6934],
    worker: [7239, 6939],
  },
  postgres: { port: 5432, user: 'orgsaga', password: 'secret' },
  databases: { temporal: 'temporal', visibility: 'temporal_visibility' },
  dynamicConfigFile: '/somewhere/dynamic-config.yaml',
} satisfies Parameters<typeof fullConfig>[0];

describe('the configuration of the full server', () => {
  it('has every service and both databases on loopback', () => {
    const { services, persistence, clusterMetadata } = parse(fullConfig(CONFIG));
    for (const [name, [grpcPort, membershipPort]] of Object.entries(CONFIG.ports))
      expect(services[name]).toEqual({ rpc: { grpcPort, membershipPort, bindOnLocalHost: true } });
    const { default: history, visibility } = persistence.datastores;
    expect([history.sql.databaseName, visibility.sql.databaseName]).toEqual([
      'temporal',
      'temporal_visibility',
    ]);
    for (const { sql } of [history, visibility])
      expect(sql).toMatchObject({
        connectAddr: '127.0.0.1:5432',
        pluginName: 'postgres12',
        user: 'orgsaga',
        password: 'secret',
      });
    expect(clusterMetadata.clusterInformation.active.rpcAddress).toBe('127.0.0.1:7233');
    expect(parse(uiConfig(8233, '127.0.0.1:7233'))).toMatchObject({ host: '127.0.0.1', port: 8233 });
  });

  it('takes dynamic configuration as the dev server does', () => {
    expect(parse(dynamicConfig({ 'a.b': '"1s"', c: '12' }))).toEqual({
      'a.b': [{ value: '1s', constraints: {} }],
      c: [{ value: 12, constraints: {} }],
    });
    expect(parse(dynamicConfig({}))).toEqual({});
  });
});

describe('ports of the full server’s services', () => {
  it('are free, each another, and none above what its schema can keep', async () => {
    const next = servicePorts();
    const preferred = await next(await belowLast());
    const ports = [preferred, ...(await Promise.all(Array.from({ length: 9 }, () => next())))];
    expect(new Set(ports).size).toBe(10);
    expect(Math.max(...ports)).toBeLessThanOrEqual(32_767);
  });

  it('are the preferred one wherever that is, for only what services find each other by is kept', async () => {
    const above = await freePort();
    expect(await servicePorts()(above)).toBe(above);
  });

  it('are others where the preferred one is taken', async () => {
    const wanted = await belowLast();
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(wanted, '127.0.0.1', resolve);
    });
    expect(await servicePorts()(wanted)).not.toBe(wanted);
    taken.close();
  });
});

/** A free port of those that an operating system does not give away by itself. */
const belowLast = (): Promise<number> => freePort(20_000 + Math.floor(Math.random() * 5_000));
