import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

const POLL_MS = 25;
/** One try to ask the server is given up after this many milliseconds, and another is made. */
const TRY_WITHIN_MS = 2_000;

/** Whether something takes a connection at host:port. */
export function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: TRY_WITHIN_MS });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

async function describes(address: string, namespace: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: TRY_WITHIN_MS });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + TRY_WITHIN_MS, () =>
      workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}

/**
 * Waits until a Temporal server describes a namespace. False where it does not within `withinMs`, or when `signal` aborts.
 * gRPC waits a second after a refused connection, so a plain one is tried first.
 */
export async function namespaceAnswers(
  address: string,
  namespace: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!signal.aborted && Date.now() < deadline) {
    if ((await listens(address)) && (await describes(address, namespace))) return !signal.aborted;
    await delay(POLL_MS);
  }
  return false;
}
