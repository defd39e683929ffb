import type { Reply, RestRequest } from './types.js';

function positive(value: string | null, fallback: number): number {
  const number = Number(value);
  return value !== null && Number.isInteger(number) && number > 0 ? number : fallback;
}

/** One page of a list with GitHub's Link header: 30 entries unless `per_page` says otherwise, 100 at most. */
export function page<T>(request: RestRequest, items: readonly T[], view: (item: T) => unknown): Reply {
  const size = Math.min(positive(request.query.get('per_page'), 30), 100);
  const current = positive(request.query.get('page'), 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const body = items.slice((current - 1) * size, current * size).map(view);
  const links: string[] = [];
  const link = (rel: string, target: number): void => {
    const query = new URLSearchParams(request.query);
    query.set('page', String(target));
    links.push(`<${request.base}${request.path}?${query.toString()}>; rel="${rel}"`);
  };
  if (current > 1) link('prev', current - 1);
  if (current < last) {
    link('next', current + 1);
    link('last', last);
  }
  if (current > 1) link('first', 1);
  return { status: 200, body, ...(links.length > 0 ? { headers: { link: links.join(', ') } } : {}) };
}
