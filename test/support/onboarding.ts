import { expect } from 'vitest';
import { type SimulatedBuildkite, startSimulatedBuildkite } from '../../src/dev/connectors/buildkite.js';
import { type SimulatedGrafana, startSimulatedGrafana } from '../../src/dev/connectors/grafana.js';
import { type SimulatedSlack, startSimulatedSlack } from '../../src/dev/connectors/slack.js';
import { organization } from './organization.js';
import { type System, startSystem } from './system.js';

export const SECRETS = {
  BUILDKITE_API_TOKEN: 'buildkite-token-of-nobody',
  GRAFANA_TOKEN: 'grafana-token-of-nobody',
  SLACK_BOT_TOKEN: 'slack-token-of-nobody',
};
export const CHANNEL = 'C0123456789';

/** GitHub, Buildkite, Grafana and Slack, and a worker that knows them. */
export interface World {
  system: System;
  buildkite: SimulatedBuildkite;
  grafana: SimulatedGrafana;
  slack: SimulatedSlack;
  /** The environment of a worker. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const buildkite = await startSimulatedBuildkite(SECRETS.BUILDKITE_API_TOKEN);
  const grafana = await startSimulatedGrafana(SECRETS.GRAFANA_TOKEN);
  const slack = await startSimulatedSlack(SECRETS.SLACK_BOT_TOKEN, [CHANNEL]);
  const servers = [buildkite, grafana, slack];
  const closeAll = (): Promise<unknown> => Promise.all(servers.map((server) => server.close()));
  const env = {
    ...SECRETS,
    BUILDKITE_API_URL: buildkite.url,
    GRAFANA_URL: grafana.url,
    SLACK_API_URL: `${slack.url}/api`,
  };
  try {
    const system = await startSystem({ seed: [organization('acme', 2)], workers: 0 });
    await system.startWorker(env);
    return {
      system,
      buildkite,
      grafana,
      slack,
      env,
      stop: async () => {
        await system.stop();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** An onboarding over all four systems, of a repository of that name. */
export const onboarding = (name: string, pipeline = BUILDKITE): string => `version: 1
organization: acme
repository:
  name: ${name}
  description: Takes payments
  teams: { developers: push }
steps:
  - name: create_github_repo
    uses: github
  - name: create_ci_pipeline
${pipeline}
  - name: setup_monitoring
    uses: grafana
    with:
      dashboard:
        title: Payments
        panels: [{ title: Requests, datasource: prometheus, expr: 'sum(rate(requests_total[5m]))' }]
      alert: { title: Errors, datasource: prometheus, expr: 'sum(rate(errors_total[5m]))', above: 5 }
  - name: notify_team
    uses: slack
    with:
      channel: ${CHANNEL}
      text: 'Ready: \${steps.create_github_repo.html_url}, \${steps.setup_monitoring.dashboard_url}'
`;

export const BUILDKITE = `    uses: buildkite
    with:
      organization: acme-ci
      configuration: |
        steps:
          - command: make test`;

export const ACTIONS = `    uses: github-actions
    with:
      required_checks: [test]
      workflow: |
        on: [push]
        jobs: { test: { runs-on: ubuntu-latest, steps: [{ run: make test }] } }`;

/** What stands in the three systems beside GitHub, and the texts that Slack shows. */
export const standing = ({ buildkite, grafana, slack }: World) => ({
  pipelines: [...buildkite.pipelines.keys()],
  folders: grafana.folders.size,
  dashboards: grafana.dashboards.size,
  rules: grafana.rules.size,
  messages: slack.messages.map(({ text }) => text),
});

/** No secret of any system is in anything that a run wrote down or said. */
export function expectNoSecrets(text: string): void {
  for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
}
