import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

function tryListen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error(`Listening on ${LOOPBACK}:${port} gave no port.`)),
      );
    });
  });
}

/** EACCES: a port below 1024 that this user may not open is as good as taken. */
function isTaken(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
  );
}

/**
 * A port of 127.0.0.1 that nothing listens on: `preferred` where it is free, else any other.
 * Guarantee: free at the time of the answer. Another process may take it before you listen, so whoever
 * starts a server on it tries again with a new one.
 */
export async function freePort(preferred = 0): Promise<number> {
  try {
    return await tryListen(preferred);
  } catch (error) {
    if (preferred === 0 || !isTaken(error)) throw error;
    return tryListen(0);
  }
}
