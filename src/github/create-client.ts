import { type Lane, type Resource } from '../policies/lanes.js';
import type { JsonObject } from '../standards/model.js';
import { callContext } from './call-context.js';
import type { GitHubClient, GraphQlError, RestAnswer } from './client.js';
import { GitHubError, type GitHubFailure } from './errors.js';
import { callFailed, failureOf, gateReport } from './failure.js';
import type { Gate, Pass } from './gate-contract.js';
import { failureOfWhole, parseGraphQl } from './graphql-answer.js';
import { isObject } from './json.js';
import { laneOf } from './lane.js';
import { noteMutation, noteRequest } from './request-count.js';
import { createTransport, type HttpRequest, type Transmission, type Transport } from './transport.js';

export interface GitHubClientOptions {
  /** REST root: `https://api.github.com`, or a GitHub Enterprise Server's `https://<host>/api/v3`. */
  baseUrl: string;
  /** The token for the next request. */
  auth: () => Promise<string>;
  /** One gate for each token and host. */
  gate: Gate;
  /** Longest time for one request in milliseconds; below the activity's start-to-close. */
  timeoutMs: number;
  /** Whether GraphQL may be used. */
  graphql: boolean;
  /** What is known of the host, shared by all clients of it: the first one that is told it has no GraphQL tells the others. */
  host?: HostKnowledge;
  userAgent: string;
  /** Longest wait for a turn where the call context names none; milliseconds. */
  maxWaitMs?: number;
  /** Told of each request that is about to be sent. */
  count?: (kind: 'rest' | 'graphql') => void;
  /** Drops what still waits for its turn, where the call context names none. */
  signal?: AbortSignal;
}

/** What clients learn of a host. */
export interface HostKnowledge {
  /** False once the host has answered that there is no such address. */
  graphql: boolean;
}

/** How a host without GraphQL answers for its address: not found, method not allowed, gone, not implemented. */
const NO_GRAPHQL = [404, 405, 410, 501];

/** A quarter of start-to-close's default of 30 s. */
const MAX_WAIT_MS = 7_500;
/** Far above any list that this tool asks for; a server that links in circles ends here. */
const MOST_PAGES = 1_000;

interface Call extends HttpRequest {
  lane: Lane;
  resource: Resource;
  /** What was asked, for messages. */
  asked: string;
}

type Came = Extract<Transmission, { came: true }>;
type Judge = (answer: Came, now: number) => [GitHubFailure, string] | null;

/** A client for one token. It sends each request once: repeats are the caller's to decide. */
export function createGitHubClient(options: GitHubClientOptions): GitHubClient {
  return new OctokitClient(options);
}

/** Where GraphQL is served beside a REST root. */
export function graphqlUrl(baseUrl: string): string {
  const root = baseUrl.replace(/\/+$/, '');
  return root.endsWith('/api/v3') ? `${root.slice(0, -'/v3'.length)}/graphql` : `${root}/graphql`;
}

class OctokitClient implements GitHubClient {
  readonly #host: HostKnowledge;
  readonly #options: GitHubClientOptions;
  readonly #transport: Transport;
  readonly #root: URL;

  constructor(options: GitHubClientOptions) {
    const baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#options = options;
    this.#transport = createTransport({ ...options, baseUrl });
    this.#root = new URL(baseUrl);
    this.#host = options.host ?? { graphql: true };
  }

  get hasGraphql(): boolean {
    return this.#options.graphql && this.#host.graphql;
  }

  async rest(
    route: string,
    parameters: JsonObject = {},
    { follow = false }: { follow?: boolean } = {},
  ): Promise<RestAnswer> {
    return restAnswer(await this.#rest(route, parameters, follow));
  }

  async list(route: string, parameters: JsonObject = {}): Promise<unknown[]> {
    const items: unknown[] = [];
    let answer = await this.#rest(route, { per_page: 100, ...parameters }, true);
    for (let pages = 1; ; pages += 1) {
      if (!Array.isArray(answer.data))
        throw callFailed(route, { kind: 'unknown', status: answer.status }, 'the answer is not a list', null);
      items.push(...(answer.data as unknown[]));
      const next = /<([^<>]+)>;\s*rel="next"/.exec(answer.headers['link'] ?? '')?.[1];
      if (next === undefined || pages >= MOST_PAGES) return items;
      answer = await this.#rest(`GET ${this.#own(next, route)}`, {}, true);
    }
  }

  async graphql(
    query: string,
    variables: JsonObject = {},
    { mutation = false }: { mutation?: boolean } = {},
  ): Promise<{ data: Record<string, unknown> | null; errors: GraphQlError[]; requestId: string | null }> {
    const asked = mutation ? 'GraphQL mutation' : 'GraphQL query';
    let parsed: ReturnType<typeof parseGraphQl> = null;
    const answer = await this.#sendGraphql(
      {
        method: 'POST',
        url: graphqlUrl(this.#options.baseUrl),
        parameters: { data: { query, variables } },
        lane: mutation ? 'write' : 'read',
        resource: 'graphql',
        asked,
      },
      (came, now) => {
        parsed = parseGraphQl(came.data);
        if (parsed === null)
          return [{ kind: 'unknown', status: came.status }, 'the answer is no GraphQL answer'];
        const failure = failureOfWhole(parsed.data, parsed.errors, came.headers, now);
        return failure === null ? null : [failure, parsed.errors.map(({ message }) => message).join('; ')];
      },
    );
    const { data, errors } = parsed ?? { data: null, errors: [] };
    return { data, errors, requestId: requestIdOf(answer) };
  }

  /** A host that has no GraphQL is not asked again: what is read and undone from then on goes by REST. */
  async #sendGraphql(call: Call, judge: Judge): Promise<Came> {
    try {
      return await this.#send(call, judge);
    } catch (error) {
      if (
        error instanceof GitHubError &&
        error.failure.kind === 'refused' &&
        NO_GRAPHQL.includes(error.failure.status)
      )
        this.#host.graphql = false;
      throw error;
    }
  }

  async #rest(route: string, parameters: JsonObject, follow = false): Promise<Came> {
    const space = route.indexOf(' ');
    const request = { method: route.slice(0, space), url: route.slice(space + 1), parameters };
    const path = this.#transport.pathOf(request);
    const inside = path.startsWith(this.#root.pathname)
      ? path.slice(this.#root.pathname.replace(/\/$/, '').length)
      : path;
    const call: Call = {
      ...request,
      lane: laneOf(request.method, inside),
      resource: 'core',
      asked: `${request.method} ${inside}`,
    };
    const answer = await this.#send(call, ({ status, headers }) => {
      if (status < 300 || (follow && headers['location'] !== undefined)) return null;
      return [{ kind: 'refused', status }, 'it has moved: renamed or transferred since it was read'];
    });
    const { location } = answer.headers;
    if (answer.status < 300 || location === undefined) return answer;
    return this.#rest(`GET ${this.#own(location, call.asked)}`, {});
  }

  /** An address of the same API; a token is never sent elsewhere. */
  #own(address: string, asked: string): string {
    const url = new URL(address, this.#root);
    if (url.origin === this.#root.origin) return url.href;
    throw callFailed(
      asked,
      { kind: 'refused', status: 421 },
      `its next page is on another host, ${url.host}`,
      null,
    );
  }

  /** One request through the gate. `judge` says what is wrong with an answer below 400, if anything is. */
  async #send(call: Call, judge: Judge): Promise<Came> {
    const pass = await this.#acquire(call);
    let transmission: Transmission;
    try {
      const token = await this.#options.auth();
      noteRequest(call.resource === 'core' ? 'rest' : 'graphql', call.lane !== 'read');
      this.#options.count?.(call.resource === 'core' ? 'rest' : 'graphql');
      transmission = await this.#transport.send(call, token);
    } catch (error) {
      pass.settle({ health: 'dropped' });
      throw error;
    }
    const now = Date.now();
    if (!transmission.came) {
      pass.settle({ health: 'failure', reason: transmission.reason });
      throw callFailed(call.asked, { kind: 'unknown', status: null }, transmission.reason, null);
    }
    const wrong = faultOf(transmission, judge, now);
    if (call.lane !== 'read')
      noteMutation(requestIdOf(transmission), wrong === null && tookEffect(call, transmission));
    pass.settle(gateReport(call.resource, transmission.headers, wrong?.[0] ?? null, now));
    if (wrong !== null) throw fail(call, wrong, transmission);
    return transmission;
  }

  #acquire({ lane, resource }: Call): Promise<Pass> {
    const { gate, maxWaitMs = MAX_WAIT_MS, signal } = this.#options;
    const context = callContext();
    const chosen = context.signal ?? signal;
    return gate.acquire(
      { lane, resource },
      {
        maxWaitMs: context.maxWaitMs ?? maxWaitMs,
        priority: context.priority ?? 'do',
        ...(chosen === undefined ? {} : { signal: chosen }),
      },
    );
  }
}

function faultOf(answer: Came, judge: Judge, now: number): [GitHubFailure, string] | null {
  const { status, headers, data } = answer;
  if (status >= 400) {
    const message = messageOf(data);
    return [failureOf({ status, headers, message }, now), message];
  }
  if (!answer.readable && status < 300)
    return [{ kind: 'unknown', status: null }, 'the answer is cut off or no JSON'];
  return judge(answer, now);
}

/** GraphQL answers with success where every mutation of a request was refused: then there is no data of any. */
function tookEffect({ resource }: Call, { data }: Came): boolean {
  if (resource === 'core') return true;
  const parts = parseGraphQl(data)?.data ?? {};
  return Object.values(parts).some((part) => part !== null);
}

function fail(call: Call, [failure, message]: [GitHubFailure, string], answer: Came): GitHubError {
  return callFailed(call.asked, failure, message, requestIdOf(answer));
}

function messageOf(body: unknown): string {
  if (!isObject(body) || typeof body['message'] !== 'string') return '';
  const { message, errors } = body;
  return Array.isArray(errors) ? `${message}: ${errors.map(detailOf).join(', ')}` : message;
}

function detailOf(error: unknown): string {
  if (!isObject(error)) return String(error);
  return typeof error['message'] === 'string' ? error['message'] : JSON.stringify(error);
}

function requestIdOf({ headers }: Came): string | null {
  return headers['x-github-request-id'] ?? null;
}

function restAnswer(answer: Came): RestAnswer {
  const { status, data, headers } = answer;
  return { status, data, headers, requestId: requestIdOf(answer) };
}
