/** Buildkite, Grafana and Slack as small servers on this machine, to try `orgsaga onboard` on. Ends with Ctrl-C. */
import { startSimulatedBuildkite } from './buildkite.js';
import { startSimulatedGrafana } from './grafana.js';
import { startSimulatedSlack } from './slack.js';

const TOKEN = 'simulated-token';
const CHANNEL = 'C0123456789';

const buildkite = await startSimulatedBuildkite(TOKEN);
const grafana = await startSimulatedGrafana(TOKEN);
const slack = await startSimulatedSlack(TOKEN, [CHANNEL]);

const settings = {
  BUILDKITE_API_URL: buildkite.url,
  BUILDKITE_API_TOKEN: TOKEN,
  GRAFANA_URL: grafana.url,
  GRAFANA_TOKEN: TOKEN,
  SLACK_API_URL: `${slack.url}/api`,
  SLACK_BOT_TOKEN: TOKEN,
};
for (const [name, value] of Object.entries(settings)) process.stdout.write(`export ${name}=${value}\n`);

const stop = (): void => {
  const messages = slack.messages.map(({ text }) => `Slack: ${text}\n`);
  process.stderr.write(
    `Buildkite: ${[...buildkite.pipelines.keys()].join(', ') || 'nothing'}\n` +
      `Grafana: ${grafana.folders.size} folders, ${grafana.dashboards.size} dashboards, ${grafana.rules.size} alert rules\n` +
      (messages.length === 0 ? 'Slack: nothing\n' : messages.join('')),
  );
  void Promise.all([buildkite, grafana, slack].map((server) => server.close()));
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
