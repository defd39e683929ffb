import { entry, sameJson } from './json.js';
import type { Json, JsonObject } from './model.js';

/** GitHub gives null for a text that was set to '' and takes either: they are the same. */
const normal = (value: Json | undefined): Json => (value === undefined || value === '' ? null : value);

/** The fields that differ, with what is there and what is wanted; null where all are as wanted. */
export function diffSettings(
  live: JsonObject,
  wanted: JsonObject,
): { before: JsonObject; after: JsonObject } | null {
  const before: JsonObject = {};
  const after: JsonObject = {};
  for (const [field, value] of Object.entries(wanted)) {
    const there = entry(live, field);
    if (sameJson(normal(there), normal(value))) continue;
    before[field] = there ?? null;
    after[field] = value;
  }
  return Object.keys(after).length === 0 ? null : { before, after };
}
