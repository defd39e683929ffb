import type { Deps } from './deps.js';

/** The real things behind {@link Deps}. */
export const realDeps: Deps = {
  loadConfig: async (env) => (await import('../config.js')).loadConfig(env),
  loadStandards: async (path) => (await import('../standards/load.js')).loadStandards(path),
  validateStandards: async (document) => (await import('../security/layers.js')).validateStandards(document),
  loadRepositoryRequest: async (path) =>
    (await import('../standards/repository-request.js')).loadRepositoryRequest(path),
  readRepositoryRequest: async (asked) =>
    (await import('../standards/repository-request.js')).readRepositoryRequest(asked),
  loadOnboarding: async (path, config) => {
    const [{ loadOnboarding }, { loadConnectors }] = await Promise.all([
      import('../connectors/onboarding-request.js'),
      import('../connectors/load.js'),
    ]);
    return loadOnboarding(path, await loadConnectors(config.connectors));
  },
  connect: async (config) => (await import('../api.js')).Orgsaga.connect(config),
  withReads: async (config, env, options, work) =>
    (await import('./reads.js')).withReads(config, env, options, work),
  async readCache(config, env, organization) {
    const [{ cacheOf }, { tokenIdFor }] = await Promise.all([import('./reads.js'), import('../access.js')]);
    return cacheOf(config, await tokenIdFor(config, env, organization ?? ''));
  },
  async runWorker(config) {
    const [{ runWorker }, { namespaceFailure }] = await Promise.all([
      import('../worker.js'),
      import('../api/failures.js'),
    ]);
    try {
      return await runWorker(config);
    } catch (error) {
      throw namespaceFailure(error, config) ?? error;
    }
  },
  startStack: async (options) => (await import('../dev/stack.js')).startStack(options),
  bench: async (options) => (await import('../dev/bench/strategies.js')).measureStrategies(options),
  async withStore({ databaseUrl, home }, work) {
    const { openStore } = await import('../store/open.js');
    const store = await openStore({ directory: home, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  },
  async probeGitHub(config, env, organization) {
    const [{ probeGitHub }, { githubAccess }] = await Promise.all([
      import('./live.js'),
      import('../access.js'),
    ]);
    return probeGitHub(githubAccess(config, env)(organization ?? ''));
  },
};
