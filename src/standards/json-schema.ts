import { z } from 'zod';
import { isObject } from './json.js';
import type { Json, JsonObject } from './model.js';
import { standardsFile } from './schema.js';

/** The JSON Schema of the standards file, by which editors complete and check it. */
export function standardsJsonSchema(): JsonObject {
  const schema = z.toJSONSchema(standardsFile, { io: 'input' });
  return {
    ...(JSON.parse(JSON.stringify(schema)) as JsonObject),
    title: 'orgsaga standards file',
    description: 'The wanted state of GitHub organisations, brought about by `orgsaga apply`.',
  };
}

const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** A schema and, where it is a choice, what may be chosen. */
function choices(schema: JsonObject): JsonObject[] {
  const nested = [...list(schema['anyOf']), ...list(schema['oneOf'])].filter(isObject);
  return nested.length === 0 ? [schema] : nested.flatMap(choices);
}

/** The keys that the schema knows in the object at that path; for suggestions. */
export function knownKeys(schema: JsonObject, path: readonly PropertyKey[]): string[] {
  let places: JsonObject[] = choices(schema);
  for (const part of path) {
    places = places
      .flatMap((place) => {
        const properties = isObject(place['properties']) ? place['properties'] : {};
        const next =
          typeof part === 'number'
            ? place['items']
            : (properties[String(part)] ?? place['additionalProperties']);
        return isObject(next) ? [next] : [];
      })
      .flatMap(choices);
  }
  return places.flatMap((place) => (isObject(place['properties']) ? Object.keys(place['properties']) : []));
}
