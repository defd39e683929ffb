import { sameJson } from '../../standards/json.js';
import type { Json, JsonObject } from '../../standards/model.js';
import type { LeftAlone } from '../connector.js';
import type { Fields } from '../fields.js';

/** What a person would set on a pipeline beside what is sent, and how Buildkite makes it. */
const DEFAULTS: JsonObject = {
  branch_configuration: null,
  tags: [],
  visibility: 'private',
  skip_queued_branch_builds: false,
  skip_queued_branch_builds_filter: null,
  cancel_running_branch_builds: false,
  cancel_running_branch_builds_filter: null,
  allow_rebuilds: true,
  default_timeout_in_minutes: null,
  maximum_timeout_in_minutes: null,
  color: null,
  emoji: null,
  archived_at: null,
};

/** What is sent and kept as Buildkite spells it; its longer texts are known from the options. */
const SENT = ['slug', 'description', 'default_branch', 'cluster_id'];

/** A new pipeline's settings, small enough to be kept with the step's result. */
export const settingsOf = (pipeline: Fields): JsonObject =>
  Object.fromEntries(
    [...SENT, ...Object.keys(DEFAULTS)].flatMap((field) => {
      const value = pipeline[field];
      return value === undefined ? [] : [[field, value as Json]];
    }),
  );

/**
 * Settings that are not as the pipeline was made any more: as Buildkite's answer said, and where that was lost, as sent and
 * by Buildkite's defaults. A setting that Buildkite does not show is taken for unchanged.
 */
export function changedSettings(pipeline: Fields, sent: JsonObject, answered: JsonObject): LeftAlone[] {
  const made = { ...DEFAULTS, ...sent, ...answered };
  const now = settingsOf(pipeline);
  return Object.entries(now).flatMap(([field, found]) => {
    const wrote = made[field];
    return wrote === undefined || sameJson(orNone(wrote), orNone(found)) ? [] : [{ field, wrote, found }];
  });
}

/** Buildkite may say nothing set in any of these ways. */
const orNone = (value: Json): Json =>
  value === '' || value === false || (Array.isArray(value) && value.length === 0) ? null : value;
