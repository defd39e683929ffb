import type { Found } from '../connectors/connector.js';
import { isObject, sameJson } from '../standards/json.js';
import type { Json } from '../standards/model.js';
import type { Standing } from '../transaction/failure.js';

/** What an undo of a write to GitHub found and could not put back: field by field, or the value as a whole. */
export function unrestored(found: Json, to: Json): Standing[] {
  if (!isObject(found) || !isObject(to)) return [{ field: '', wrote: found, before: to }];
  return Object.keys(to)
    .toSorted()
    .filter((field) => !sameJson(found[field] ?? null, to[field] ?? null))
    .map((field) => ({ field, wrote: found[field] ?? null, before: to[field] ?? null }));
}

/** What is to be brought back by an undo, and how much of it a look found. */
export function missing(connector: string, found: Found, options: Json): Standing[] {
  switch (found.state) {
    case 'ours':
      return [];
    case 'absent':
      return [{ field: connector, wrote: null, before: options }];
    case 'partial':
    case 'foreign':
      return [{ field: connector, wrote: found.what, before: options }];
  }
}

/**
 * What a look found of a connector's step, for the person who decides on its undo.
 * @param result what the step gave when it was made
 */
export function standing(connector: string, found: Found, result: Json | null): Standing[] {
  switch (found.state) {
    case 'absent':
      return [];
    case 'ours':
      return [{ field: connector, wrote: result ?? found.result }];
    case 'partial':
      return [{ field: `${connector}, ${found.what}`, wrote: result }];
    case 'foreign':
      return [{ field: connector, wrote: found.what }];
  }
}
