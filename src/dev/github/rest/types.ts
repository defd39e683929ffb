import type { State, Writer } from '../state/state.js';

export type Body = Record<string, unknown>;

/** One REST request, routed. */
export interface RestRequest {
  state: State;
  writer: Writer;
  method: string;
  /** Path without `/api/v3`, before the query. */
  path: string;
  /** Path parameters, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Body;
  accept: string;
  /** `http://host[:port]` as the caller addressed it. */
  origin: string;
  /** The API's root as the caller addressed it, with `/api/v3` if that was used. */
  base: string;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Route {
  method: string;
  /** `{name}` takes one segment, `{name+}` at the end takes the rest. */
  template: string;
  handler: (request: RestRequest) => Reply;
  /** Counts as creating content (secondary limits). */
  content: boolean;
}

export const route = (
  line: string,
  handler: Route['handler'],
  options: { content?: boolean } = {},
): Route => {
  const [method = '', template = ''] = line.split(' ');
  return { method, template, handler, content: options.content ?? false };
};

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const created = (body: unknown): Reply => ({ status: 201, body });
export const accepted = (body: unknown): Reply => ({ status: 202, body });
export const noContent = (): Reply => ({ status: 204 });
