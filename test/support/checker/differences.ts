import { isDeepStrictEqual } from 'node:util';

type Fields = Readonly<Record<string, unknown>>;

/** A path at which two values differ, and what each has there. */
export interface Difference {
  path: string;
  left: unknown;
  right: unknown;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where two values differ. Arrays count as one value; `id` does not count, GitHub gives it. */
export function differencesWithValues(left: unknown, right: unknown, path = ''): Difference[] {
  if (!isFields(left) || !isFields(right))
    return isDeepStrictEqual(left, right) ? [] : [{ path, left, right }];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys]
    .filter((key) => key !== 'id')
    .flatMap((key) => differencesWithValues(left[key], right[key], path === '' ? key : `${path}.${key}`));
}

/** The paths alone. */
export const differences = (left: unknown, right: unknown): string[] =>
  differencesWithValues(left, right).map(({ path }) => path);

/** Labels by name, so that their order does not count. */
export function byName(labels: readonly { name: string }[]): Record<string, unknown> {
  return Object.fromEntries(labels.map((label) => [label.name, label]));
}
