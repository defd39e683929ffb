import type { Json, JsonObject } from '../standards/model.js';
import { refusal } from './errors.js';

/** `${steps.create_ci_pipeline.web_url}`: a field of what an earlier step has brought about. */
const PLACEHOLDER = /\$\{steps\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_]+)\}/g;

/** The steps that any text of the options names. */
export function stepsNamedIn(options: Json): string[] {
  const named = [...JSON.stringify(options).matchAll(PLACEHOLDER)].map(([, step = '']) => step);
  return [...new Set(named)];
}

/** The options with what other steps have brought about put in. @throws ConnectorError where a step has no such field */
export function fill(options: JsonObject, results: Readonly<Record<string, Json>>): JsonObject {
  return filled(options, results) as JsonObject;
}

function filled(value: Json, results: Readonly<Record<string, Json>>): Json {
  if (typeof value === 'string')
    return value.replace(PLACEHOLDER, (_all, step: string, field: string) => fieldOf(results, step, field));
  if (Array.isArray(value)) return value.map((inner) => filled(inner, results));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, results)]));
}

function fieldOf(results: Readonly<Record<string, Json>>, step: string, field: string): string {
  const result = results[step];
  const known = typeof result === 'object' && result !== null && !Array.isArray(result) ? result : {};
  const value = Object.hasOwn(known, field) ? known[field] : undefined;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw refusal(
    `step ${step} has brought about no ${field}; it has ${Object.keys(known).join(', ') || 'nothing to read'}`,
    'invalid',
  );
}
