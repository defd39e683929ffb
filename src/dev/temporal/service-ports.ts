import { randomInt } from 'node:crypto';
import { freePort } from '../ports.js';

/** Temporal's schema on Postgres keeps the port of a service as a signed number of 16 bits: its server ends at once with a higher one. */
const LAST_PORT = 32_767;
const FIRST_PORT = 10_000;
/** So many are there at least, wherever the search begins. */
const SPARE = 1_000;

/**
 * Gives free ports of 127.0.0.1, each once: the preferred one where it is free, else one that a service of Temporal on Postgres can have.
 * Only by their membership ports do services find each other, so a preferred one may be any.
 */
export function servicePorts(): (preferred?: number) => Promise<number> {
  let last = randomInt(FIRST_PORT, LAST_PORT - SPARE);
  const given = new Set<number>();
  const take = async (wanted: number): Promise<boolean> => {
    if (given.has(wanted) || (await freePort(wanted)) !== wanted) return false;
    given.add(wanted);
    return true;
  };
  return async (preferred = 0) => {
    if (preferred > 0 && (await take(preferred))) return preferred;
    while (last < LAST_PORT) {
      const wanted = ++last;
      if (await take(wanted)) return wanted;
    }
    throw new Error(`No port between ${FIRST_PORT} and ${LAST_PORT} of 127.0.0.1 is free.`);
  };
}
