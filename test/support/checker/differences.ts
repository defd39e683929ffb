import { isDeepStrictEqual } from 'node:util';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths at which two values differ. Arrays count as one value; `id` does not count, GitHub gives it. */
export function differences(left: unknown, right: unknown, path = ''): string[] {
  if (!isFields(left) || !isFields(right)) return isDeepStrictEqual(left, right) ? [] : [path];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys]
    .filter((key) => key !== 'id')
    .flatMap((key) => differences(left[key], right[key], path === '' ? key : `${path}.${key}`));
}

/** Labels by name, so that their order does not count. */
export function byName(labels: readonly { name: string }[]): Record<string, unknown> {
  return Object.fromEntries(labels.map((label) => [label.name, label]));
}
