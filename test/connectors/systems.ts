import { type SimulatedBuildkite, startSimulatedBuildkite } from '../../src/dev/connectors/buildkite.js';
import { type SimulatedGrafana, startSimulatedGrafana } from '../../src/dev/connectors/grafana.js';
import type { Rule, SimulatedServer } from '../../src/dev/connectors/server.js';
import { type SimulatedSlack, startSimulatedSlack } from '../../src/dev/connectors/slack.js';
import type { JsonObject } from '../../src/standards/model.js';

export const TOKEN = 'token-of-nobody-at-all';
const CHANNEL = 'C0123456789';

/** A simulated system, and what a test of its connector has to know of it. */
export interface System {
  server: SimulatedServer;
  env: Record<string, string>;
  options: JsonObject;
  /** What stands there of ours. */
  made(): number;
  /** The request that makes it, or the last part of it. */
  write: Pick<Rule, 'method' | 'path'>;
  erase: Pick<Rule, 'method' | 'path'>;
  /** Puts something of somebody else in its place; null where there is no such place. */
  occupy: (() => void) | null;
}

async function buildkiteSystem(): Promise<System & { server: SimulatedBuildkite }> {
  const server = await startSimulatedBuildkite(TOKEN);
  return {
    server,
    env: { BUILDKITE_API_TOKEN: TOKEN, BUILDKITE_API_URL: server.url },
    options: { organization: 'acme-ci', configuration: 'steps:\n  - command: make test\n' },
    made: () => server.pipelines.size,
    write: { method: 'POST', path: /pipelines$/ },
    erase: { method: 'DELETE', path: /pipelines\/payments$/ },
    occupy: () =>
      void server.pipelines.set('acme-ci/payments', {
        id: '1',
        slug: 'payments',
        name: 'payments',
        repository: 'git@example.com:other.git',
        configuration: 'steps: []',
      }),
  };
}

async function grafanaSystem(): Promise<System & { server: SimulatedGrafana }> {
  const server = await startSimulatedGrafana(TOKEN);
  return {
    server,
    env: { GRAFANA_SERVICE_ACCOUNT_TOKEN: TOKEN, GRAFANA_URL: `${server.url}/` },
    options: {
      dashboard: { title: 'Payments', panels: [{ title: 'Up', datasource: 'prom', expr: 'up' }] },
      alert: { title: 'Errors', datasource: 'prom', expr: 'errors', above: 5 },
    },
    made: () => server.folders.size + server.dashboards.size + server.rules.size,
    write: { method: 'POST', path: /alert-rules$/ },
    erase: { method: 'DELETE', path: /folders/ },
    occupy: () => void server.folders.set('other', { uid: 'other', title: 'payments', version: 1 }),
  };
}

async function slackSystem(): Promise<System & { server: SimulatedSlack }> {
  const server = await startSimulatedSlack(TOKEN, [CHANNEL]);
  return {
    server,
    env: { SLACK_BOT_TOKEN: TOKEN, SLACK_API_URL: `${server.url}/api/` },
    options: { channel: CHANNEL, text: 'Payments is ready' },
    made: () => server.messages.filter(({ text }) => text === 'Payments is ready').length,
    write: { method: 'POST', path: /chat\.postMessage$/ },
    erase: { method: 'POST', path: /chat\.update$/ },
    occupy: null,
  };
}

export const SYSTEMS = { buildkite: buildkiteSystem, grafana: grafanaSystem, slack: slackSystem };
/** How many things a step makes there. */
export const PARTS = { buildkite: 1, grafana: 3, slack: 1 };
