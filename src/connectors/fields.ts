/** Reading other systems' answers without trusting their shape. */
export type Fields = Readonly<Record<string, unknown>>;

export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

export const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** The part of an `owner/name` after the slash. */
export const nameOf = (repository: string): string => repository.slice(repository.indexOf('/') + 1);
