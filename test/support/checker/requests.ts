import type { JournalEntry, RequestEntry } from '../../../src/dev/github/index.js';

interface Judged {
  login: string;
  entries: readonly JournalEntry[];
}

const isRequest = (entry: JournalEntry): entry is RequestEntry => entry.type === 'request';

/** Requests where GitHub had asked for silence, and creations that were repeated without a look. */
export function requestFindings({ login, entries }: Judged): string[] {
  const requests = entries.filter(isRequest);
  return [
    ...requests
      .filter((request) => request.in_closed_window)
      .map(
        (request) =>
          `closed window: request ${request.n}, ${request.method} ${request.path}, was not to be sent`,
      ),
    ...blindPosts(login, requests),
  ];
}

/** The creation that a POST asks for, or null where a repeat makes no second thing. */
function creation(request: RequestEntry): string | null {
  const path = request.path.replace(/\?.*$/, '');
  if (request.method !== 'POST' || path === '/graphql') return null;
  const { name, title, ref, head, body } = (request.body ?? {}) as Record<string, unknown>;
  return `${path} ${JSON.stringify(name ?? title ?? ref ?? head ?? body ?? null)}`;
}

/** Whether GitHub has answered in such a way that the creation certainly did not take place. */
const isCertainlyRefused = ({ status }: RequestEntry): boolean => status >= 400 && status < 500;

/** A read that can show whether it took place: of the thing, of the list, or in bulk by GraphQL. */
function looksAt(request: RequestEntry, path: string): boolean {
  if (request.path === '/graphql') return request.points === 1;
  // A branch is made at `git/refs` and read at `git/ref/heads/…`.
  return request.method === 'GET' && request.path.startsWith(path.replace(/\/git\/refs$/, '/git/ref'));
}

function blindPosts(login: string, requests: readonly RequestEntry[]): string[] {
  const open = new Map<string, RequestEntry>();
  const found: string[] = [];
  for (const request of requests) {
    const key = creation(request);
    if (key === null) {
      for (const [other] of open) if (looksAt(request, other.split(' ')[0] ?? other)) open.delete(other);
      continue;
    }
    if (!request.path.startsWith(`/orgs/${login}/`) && !request.path.startsWith(`/repos/${login}/`)) continue;
    const earlier = open.get(key);
    if (earlier !== undefined)
      found.push(`blind repeat: request ${request.n} repeats ${earlier.n}, POST ${key}, without a look`);
    if (!isCertainlyRefused(request)) open.set(key, request);
  }
  return found;
}
