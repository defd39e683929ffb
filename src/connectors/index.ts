import { buildkite } from './buildkite/connector.js';
import type { Connector } from './connector.js';
import { grafana } from './grafana/connector.js';
import { slack } from './slack/connector.js';

/** The connectors that come with orgsaga. */
export const OURS: readonly Connector[] = [buildkite, grafana, slack];
