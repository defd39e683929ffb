import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that came in. */
export interface Seen {
  method: string;
  path: string;
  body: unknown;
  /** Of the answer; null where none was given. */
  status: number | null;
}

export interface Rule {
  method?: string;
  /** On the path without the query. */
  path?: RegExp;
  /**
   * - `status`: the call is not carried out and answered with `status`.
   * - `reset`: the connection is cut; with `applied` after the call was carried out.
   * - `hang`: no answer for `ms`; with `applied` it was carried out.
   */
  kind: 'status' | 'reset' | 'hang';
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  applied?: boolean;
  ms?: number;
  /** Strikes before it is over; unlimited unless given. */
  times?: number;
  /** Matching calls that are let through first. */
  skip?: number;
}

export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Readonly<Record<string, unknown>>;
  authorization: string;
  headers: IncomingMessage['headers'];
}

export interface Reply {
  status: number;
  body?: unknown;
}

/** A small server that keeps its state in memory, in this process, on 127.0.0.1 only. */
export interface SimulatedServer {
  readonly url: string;
  readonly seen: Seen[];
  fault(rule: Rule): void;
  clearFaults(): void;
  /** Ends at once; open connections are destroyed. */
  close(): Promise<void>;
}

/** Largest body taken, bytes. */
const MOST = 1_048_576;
const HANG_MS = 60_000;

export async function startSimulatedServer(
  token: string,
  answer: (request: Request) => Reply,
): Promise<SimulatedServer> {
  const seen: Seen[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let rules: (Rule & { struck: number; passed: number })[] = [];

  const ruleFor = ({ method, path }: Request) =>
    rules.find((rule) => {
      if (rule.method !== undefined && rule.method !== method) return false;
      if (rule.path !== undefined && !rule.path.test(path)) return false;
      if (rule.passed < (rule.skip ?? 0)) {
        rule.passed += 1;
        return false;
      }
      return rule.struck < (rule.times ?? Number.POSITIVE_INFINITY);
    });

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(message);
    const entry: Seen = { method: request.method, path: request.path, body: request.body, status: null };
    seen.push(entry);
    const reply = (): Reply => {
      const { status, body } =
        request.authorization === `Bearer ${token}`
          ? answer(request)
          : { status: 401, body: { message: 'Authentication required.' } };
      return { status, body };
    };
    const send = ({ status, body }: Reply, headers: Record<string, string> = {}): void => {
      entry.status = status;
      response.writeHead(status, {
        'content-type': 'application/json',
        'x-request-id': `sim-${seen.indexOf(entry) + 1}`,
        ...headers,
      });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    const rule = ruleFor(request);
    if (rule === undefined) return send(reply());
    rule.struck += 1;
    if (rule.kind === 'status') return send({ status: rule.status ?? 500, body: rule.body }, rule.headers);
    if (rule.applied === true) reply();
    if (rule.kind === 'reset') return void message.socket.resetAndDestroy();
    const timer = setTimeout(() => {
      timers.delete(timer);
      message.socket.destroy();
    }, rule.ms ?? HANG_MS);
    timers.add(timer);
  };

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ message: String(error) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    fault: (rule) => void rules.push({ ...rule, struck: 0, passed: 0 }),
    clearFaults: () => {
      rules = [];
    },
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearTimeout(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(message: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += (chunk as Buffer).length;
    if (size > MOST) throw new Error('Payload too large');
    chunks.push(chunk as Buffer);
  }
  const url = new URL(message.url ?? '/', 'http://127.0.0.1');
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    body: parsed(Buffer.concat(chunks).toString(), message.headers['content-type'] ?? ''),
    authorization: message.headers.authorization ?? '',
    headers: message.headers,
  };
}

/** JSON, or a form whose values may be JSON, as Slack's client sends it. */
function parsed(text: string, type: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  if (!type.includes('x-www-form-urlencoded')) return JSON.parse(text) as Record<string, unknown>;
  return Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [
      name,
      /^[{[]/.test(value) ? JSON.parse(value) : value,
    ]),
  );
}
