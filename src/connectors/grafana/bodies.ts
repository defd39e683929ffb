import type { JsonObject } from '../../standards/model.js';
import type { Options } from './options.js';

/** Grafana's unique ids are ours to choose, 40 characters at most: by them a step knows its own again. */
export interface Ids {
  folder: string;
  dashboard: string;
  alert: string;
}

export const idsOf = (key: string): Ids => ({
  folder: `os-f-${key}`,
  dashboard: `os-d-${key}`,
  alert: `os-a-${key}`,
});

/** Two panels side by side; Grafana's grid is 24 wide. */
const WIDTH = 12;
const HEIGHT = 8;

/** Grafana would add these to every query; sent, what it shows can be compared with what was asked. */
const QUERY = { intervalMs: 1_000, maxDataPoints: 43_200 };

export function dashboardBody({ dashboard }: Options, { folder, dashboard: uid }: Ids): JsonObject {
  const panels = dashboard.panels.map(({ title, datasource, expr }, index) => ({
    id: index + 1,
    type: 'timeseries',
    title,
    datasource: { uid: datasource },
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    targets: [{ refId: 'A', expr, datasource: { uid: datasource } }],
  }));
  return {
    dashboard: { uid, title: dashboard.title, tags: dashboard.tags, panels },
    folderUid: folder,
    overwrite: false,
  };
}

export function alertBody({ alert }: Options, { folder, alert: uid }: Ids): JsonObject {
  return {
    uid,
    title: alert.title,
    folderUID: folder,
    ruleGroup: alert.title,
    condition: 'B',
    for: alert.for,
    noDataState: alert.no_data_state,
    execErrState: 'Error',
    labels: alert.labels,
    annotations: alert.annotations,
    data: [
      {
        refId: 'A',
        datasourceUid: alert.datasource,
        relativeTimeRange: { from: 600, to: 0 },
        model: { ...QUERY, refId: 'A', expr: alert.expr, instant: true },
      },
      {
        refId: 'B',
        datasourceUid: '__expr__',
        relativeTimeRange: { from: 0, to: 0 },
        model: {
          ...QUERY,
          refId: 'B',
          type: 'threshold',
          expression: 'A',
          conditions: [{ evaluator: { type: 'gt', params: [alert.above] } }],
        },
      },
    ],
  };
}
