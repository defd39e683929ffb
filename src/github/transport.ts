import { Octokit } from '@octokit/rest';
import type { JsonObject } from '../standards/model.js';
import { isObject, object } from './json.js';

/** One HTTP answer, or what kept it from coming. Header names are lower case. */
export type Transmission =
  | {
      came: true;
      status: number;
      data: unknown;
      headers: Record<string, string | undefined>;
      readable: boolean;
    }
  | { came: false; reason: string };

export interface HttpRequest {
  method: string;
  /** A path template as octokit has it, or an absolute address. */
  url: string;
  parameters: JsonObject;
}

export interface Transport {
  /** Sends one request, once: no retry, no redirect followed. Never throws for what the other side does. */
  send(request: HttpRequest, token: string): Promise<Transmission>;
  /** The address that a template and its parameters make. */
  addressOf(request: HttpRequest): URL;
}

export interface TransportOptions {
  baseUrl: string;
  userAgent: string;
  /** Milliseconds from sending to the last byte of the answer. */
  timeoutMs: number;
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** HTTP by octokit, which knows the endpoints' templates and media types. */
export function createTransport({ baseUrl, userAgent, timeoutMs }: TransportOptions): Transport {
  const octokit = new Octokit({ baseUrl, userAgent, log: silent });
  return {
    async send({ method, url, parameters }, token) {
      try {
        const answer = await octokit.request(`${method} ${url}`, {
          ...parameters,
          headers: { ...headersIn(parameters), authorization: `bearer ${token}` },
          request: { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
        });
        return came(answer);
      } catch (error) {
        const response = responseOf(error);
        return response === null
          ? { came: false, reason: reasonOf(error, timeoutMs, new URL(baseUrl).host) }
          : came(response);
      }
    },
    addressOf: ({ method, url, parameters }) =>
      new URL(octokit.request.endpoint(`${method} ${url}`, { ...parameters }).url),
  };
}

interface OctokitAnswer {
  status: number;
  data: unknown;
  headers: object;
}

function came({ status, data, headers }: OctokitAnswer): Transmission {
  const named = texts(headers);
  // octokit gives what is no JSON, or only part of it, as the text it is.
  const isEmpty = status === 204 || status === 205 || status === 304;
  const readable = isEmpty || (typeof data === 'object' && data !== null);
  return { came: true, status, data, headers: named, readable: readable || named['content-length'] === '0' };
}

function texts(headers: object): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(entries);
}

function headersIn({ headers }: JsonObject): Record<string, string> {
  return isObject(headers) ? texts(headers) : {};
}

function responseOf(error: unknown): OctokitAnswer | null {
  const response = error instanceof Error && 'response' in error ? error.response : undefined;
  if (!isObject(response) || typeof response['status'] !== 'number') return null;
  return { status: response['status'], data: response['data'], headers: object(response['headers']) };
}

function reasonOf(error: unknown, timeoutMs: number, host: string): string {
  const chain: unknown[] = [];
  for (let at = error; at instanceof Error && chain.length < 5; at = at.cause) chain.push(at);
  for (const link of chain)
    if (link instanceof Error && (link.name === 'TimeoutError' || link.name === 'AbortError'))
      return `no answer within ${timeoutMs} ms`;
  for (const link of chain)
    if (link instanceof Error && 'code' in link && typeof link.code === 'string')
      return `the connection to ${host} failed: ${link.code}`;
  return `the connection to ${host} failed`;
}
