import type { Json, JsonObject } from '../standards/model.js';

/** An object of an answer, whose fields are not known to be there. */
export type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown): Fields {
  return isObject(value) ? value : {};
}

export function array(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list; nulls, which GraphQL puts where an element could not be read, are left out. */
export function objects(value: unknown): Fields[] {
  return array(value).filter(isObject);
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** The strings of a list, sorted by code unit, so that equal sets are equal lists. */
export function sortedTexts(value: unknown): string[] {
  return array(value)
    .filter((each) => typeof each === 'string')
    .toSorted();
}

/** A copy that is surely JSON; what JSON has no word for becomes null. */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (Array.isArray(value)) return value.map(toJson);
  return isObject(value) ? toJsonObject(value) : null;
}

export function toJsonObject(value: Fields): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJson(each)]));
}
