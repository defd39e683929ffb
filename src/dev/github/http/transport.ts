import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './call.js';

/** Bytes of a request's body; GitHub refuses far smaller ones, this only bounds the process. */
const BODY_LIMIT = 25 * 1024 * 1024;

/** The whole body as text, or null where it is too large. */
export function readBody(message: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
    });
    message.on('end', () => resolve(size > BODY_LIMIT ? null : Buffer.concat(chunks).toString('utf8')));
    message.on('error', reject);
  });
}

/** Sends an answer unless the connection is gone. */
export function send(
  response: ServerResponse,
  answer: Answer,
  extra: Readonly<Record<string, string>>,
): void {
  if (response.destroyed) return;
  const type = { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(answer.status, { ...extra, ...(answer.text === null ? {} : type), ...answer.headers });
  response.end(answer.text ?? undefined);
}

/** Timers that all end with the server, so that nothing fires after `close`. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>();

  /** Resolves after `ms`; at once for 0; never once the timers are cleared. */
  wait(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.later(ms, resolve);
    });
  }

  later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      action();
    }, ms);
    this.#pending.add(timer);
  }

  clear(): void {
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }
}
