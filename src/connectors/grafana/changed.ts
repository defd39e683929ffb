import { sameJson } from '../../standards/json.js';
import type { Json, JsonObject } from '../../standards/model.js';
import type { LeftAlone } from '../connector.js';
import { count, type Fields, fields, list, text } from '../fields.js';

/**
 * What a person would set on a rule beside what is sent. The rest that Grafana shows is its own: numbers, times, where the rule
 * came from.
 */
const UNSET: JsonObject = {
  isPaused: false,
  keep_firing_for: '0s',
  notification_settings: null,
  missing_series_evals_to_resolve: null,
};

const DURATIONS = ['for', 'keep_firing_for'];

/**
 * What of the rule is not as its body asked. Judged by what it holds, since that can be told at any time: by the time of its
 * last change only where it is known which change was ours.
 */
export function changedAlert(body: JsonObject, rule: Fields, updated: string): LeftAlone[] {
  const name = `alert rule ${text(rule['title'])}`;
  const differing = Object.entries({ ...UNSET, ...body }).flatMap(([field, wrote]) => {
    const found = shown(rule[field]);
    const same = DURATIONS.includes(field)
      ? seconds(wrote) === seconds(found)
      : sameJson(setOf(wrote), setOf(found));
    return same ? [] : [{ field: `${name}: ${field}`, wrote, found }];
  });
  const now = text(rule['updated']);
  if (differing.length > 0 || updated === '' || now === updated) return differing;
  return [{ field: name, wrote: updated, found: now }];
}

/**
 * What of the dashboard is not as its body asked. Grafana counts every save in its version, and makes it anew with the first:
 * what it holds is looked at for one that somebody has put in its place under the same uid. Of its panels only what a newer
 * Grafana does not spell in its own way.
 */
export function changedDashboard(body: JsonObject, found: Fields): LeftAlone[] {
  const [asked, now] = [fields(body['dashboard']), fields(found['dashboard'])];
  const name = `dashboard ${text(now['title'])}`;
  const version = count(now['version']);
  if (version > 1) return [{ field: name, wrote: 'version 1', found: `version ${version}` }];
  const wrote = { ...partsOf(asked), folder: text(body['folderUid']) };
  const there: JsonObject = { ...partsOf(now), folder: text(fields(found['meta'])['folderUid']) };
  return Object.entries(wrote).flatMap(([part, ours]) => {
    const theirs = there[part] ?? null;
    return sameJson(setOf(ours), setOf(theirs))
      ? []
      : [{ field: `${name}: ${part}`, wrote: ours, found: theirs }];
  });
}

const partsOf = (dashboard: Fields): JsonObject => ({
  title: text(dashboard['title']),
  tags: shown(dashboard['tags']),
  panels: list(dashboard['panels']).map(({ title, targets }) => ({
    title: text(title),
    expr: list(targets).map(({ expr }) => text(expr)),
  })),
});

const shown = (value: unknown): Json => (value ?? null) as Json;

/** Without the fields that say nothing: Grafana leaves such out, or shows them unasked. */
function setOf(value: Json): Json {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(setOf);
  if (typeof value !== 'object' || value === null) return value === '' || value === false ? null : value;
  const said = Object.entries(value).flatMap(([key, each]) => {
    const kept = setOf(each);
    return kept === null ? [] : [[key, kept] as const];
  });
  return said.length === 0 ? null : Object.fromEntries(said);
}

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** Grafana spells durations anew: 90m as 1h30m, 24h as 1d. */
const seconds = (duration: Json): number =>
  [...text(duration).matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (SECONDS[unit ?? ''] ?? 0),
    0,
  );
