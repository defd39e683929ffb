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
  async *plan(document, config, env) {
    yield* (await import('../planning.js')).planStandards(document, config, env);
  },
  async readLive(organization, config, env, onPage) {
    const [{ readLive }, { githubAccess }] = await Promise.all([import('./live.js'), import('../access.js')]);
    return readLive(githubAccess(config, env)(organization), organization, config.batch.page, onPage);
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
