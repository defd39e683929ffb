import { Buffer } from 'node:buffer';
import { GraphQLError } from 'graphql';

export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

export interface ConnectionOptions<T> {
  /** What a cursor holds: items must come in the order of their keys. The position where absent. */
  key?: (item: T) => string;
  descending?: boolean;
  /** What an edge has besides `cursor` and `node`. */
  edge?: (item: T) => Record<string, unknown>;
}

const MARK = 'cursor:v2:';

const encode = (key: string): string => Buffer.from(MARK + key).toString('base64');

function decode(cursor: string): string {
  const text = Buffer.from(cursor, 'base64').toString('utf8');
  if (!text.startsWith(MARK))
    throw new GraphQLError(`\`${cursor}\` does not appear to be a valid cursor.`, {
      extensions: { type: 'INVALID_CURSOR_ARGUMENTS' },
    });
  return text.slice(MARK.length);
}

/** One page of a list as a Relay connection. Cursors hold keys, so items that come or go do not shift the pages. */
export function connection<T>(
  items: readonly T[],
  page: PageArguments,
  options: ConnectionOptions<T> = {},
): unknown {
  const { key, descending = false, edge } = options;
  const keyAt = (index: number): string => {
    const item = items[index] as T;
    return key === undefined ? String(index).padStart(9, '0') : key(item);
  };
  const beyond = (a: string, b: string): boolean => (descending ? a < b : a > b);
  let start = 0;
  let end = items.length;
  if (typeof page.after === 'string') {
    const mark = decode(page.after);
    while (start < end && !beyond(keyAt(start), mark)) start++;
  }
  if (typeof page.before === 'string') {
    const mark = decode(page.before);
    while (end > start && !beyond(mark, keyAt(end - 1))) end--;
  }
  if (typeof page.first === 'number') end = Math.min(end, start + page.first);
  else if (typeof page.last === 'number') start = Math.max(start, end - page.last);
  const nodes = items.slice(start, end);
  return {
    nodes,
    edges: () =>
      nodes.map((node, offset) => ({ cursor: encode(keyAt(start + offset)), node, ...edge?.(node) })),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: nodes.length === 0 ? null : encode(keyAt(start)),
      endCursor: nodes.length === 0 ? null : encode(keyAt(end - 1)),
    },
    totalCount: items.length,
    totalDiskUsage: 0,
  };
}
