import { callContext } from '../github/call-context.js';
import type { Json } from '../standards/model.js';
import type { Breakers } from './breakers.js';
import { ConnectorError } from './errors.js';

export interface ConnectorRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** After the connector's address, with its query. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: Json;
  /** Refusals that are an answer here, e.g. 404 for a read. */
  accept?: readonly number[];
}

export interface ConnectorAnswer {
  status: number;
  headers: Headers;
  /** JSON, or text where it is none; null where there is no body. */
  data: unknown;
}

/** How a connector talks to its system: every request has a time-out, passes the circuit breaker, and is sent once. */
export interface ConnectorHttp {
  /** The connector's address, without a slash at its end. */
  readonly address: string;
  /** @throws ConnectorError for every answer that is neither 2xx nor accepted, and for none */
  send(request: ConnectorRequest): Promise<ConnectorAnswer>;
  /** As `fetch`, for client libraries. @throws ConnectorError where no answer came, and for 429 and 5xx */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
}

/** What went over the wire for one call of a connector. */
export interface Traffic {
  /** Writes that were answered with success. */
  applied: number;
  requestId: string | null;
}

export interface HttpOptions {
  address: string;
  breakers: Breakers;
  timeoutMs: number;
  traffic: Traffic;
  now: () => number;
}

/** Where a 429 does not say when, milliseconds. */
const LIMITED_MS = 60_000;
/** Of the other side's words in our message, characters. */
const MOST_SAID = 300;
const UNSENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

export function connectorHttp({ address, breakers, timeoutMs, traffic, now }: HttpOptions): ConnectorHttp {
  const { origin, host } = new URL(address);

  const exchange = async (url: URL, init: RequestInit): Promise<Response> => {
    if (url.origin !== origin)
      throw new ConnectorError(`${url.host} is not the connector's address ${host}`, {
        kind: 'refused',
        code: 'address',
      });
    const { signal, abandoned } = callContext();
    if (signal?.aborted === true || abandoned?.aborted === true)
      throw new ConnectorError('the call was given up before it was sent', { kind: 'unsent' });
    const what = `${init.method ?? 'GET'} ${url.origin}${url.pathname}`;
    const response = await breakers.through(
      host,
      () => sendOnce(url, init, what, timeoutMs, abandoned),
      ({ status }) => status < 500,
    );
    traffic.requestId = response.headers.get('x-request-id') ?? traffic.requestId;
    if (response.status === 429)
      throw new ConnectorError(`${host} limits the rate of requests`, {
        kind: 'limited',
        until: now() + waitTold(response.headers, now()),
      });
    if (response.status >= 500)
      throw new ConnectorError(`${what} was answered with ${response.status}`, { kind: 'unknown' });
    return response;
  };

  return {
    address,
    fetch: (url, init = {}) => exchange(new URL(url), init),
    async send({ method, path, headers = {}, body, accept = [] }) {
      const response = await exchange(new URL(`${address}${path}`), {
        method,
        headers: { accept: 'application/json', ...(body === undefined ? {} : JSON_BODY), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const data = dataOf(await response.text());
      if (response.ok && method !== 'GET') traffic.applied += 1;
      if (response.ok || accept.includes(response.status))
        return { status: response.status, headers: response.headers, data };
      throw refusedBy(`${method} ${origin}${path.split('?')[0] ?? ''}`, response.status, data);
    },
  };
}

const JSON_BODY = { 'content-type': 'application/json' };

/** One request and its whole answer. */
async function sendOnce(
  url: URL,
  init: RequestInit,
  what: string,
  timeoutMs: number,
  abandoned?: AbortSignal,
): Promise<Response> {
  try {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = abandoned === undefined ? timeout : AbortSignal.any([timeout, abandoned]);
    const answer = await fetch(url, { ...init, redirect: 'manual', signal });
    const text = await answer.text();
    const { status, statusText, headers } = answer;
    const empty = [204, 205, 304].includes(status);
    return new Response(empty ? null : text, { status, statusText, headers });
  } catch (error) {
    const code = codeOf(error);
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    const reason = timedOut ? `no answer within ${timeoutMs} ms` : (code ?? 'the connection broke');
    const kind = code !== null && UNSENT.includes(code) ? 'unsent' : 'unknown';
    throw new ConnectorError(`${what}: ${reason}`, { kind });
  }
}

function codeOf(error: unknown): string | null {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : null;
}

function waitTold(headers: Headers, now: number): number {
  const told = headers.get('retry-after') ?? '';
  if (/^\d{1,6}$/.test(told)) return Number(told) * 1_000;
  const at = Date.parse(told);
  return Number.isNaN(at) ? LIMITED_MS : Math.max(0, at - now);
}

function dataOf(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refusedBy(what: string, status: number, data: unknown): ConnectorError {
  const told = typeof data === 'object' && data !== null && 'message' in data ? data.message : data;
  const said = (typeof told === 'string' ? told : JSON.stringify(told ?? '')).slice(0, MOST_SAID);
  const message = `${what} was refused with ${status}${said === '' ? '' : `: ${said}`}`;
  return new ConnectorError(
    message,
    status === 401 ? { kind: 'unauthenticated' } : { kind: 'refused', code: codeOfStatus(status) },
  );
}

function codeOfStatus(status: number): string {
  const codes: Record<number, string> = {
    403: 'forbidden',
    404: 'not_found',
    409: 'conflict',
    410: 'not_found',
    412: 'conflict',
    422: 'unprocessable',
  };
  return codes[status] ?? 'refused';
}
