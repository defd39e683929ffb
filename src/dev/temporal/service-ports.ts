import { randomInt } from 'node:crypto';
import { freePort } from '../ports.js';

/** Temporal's schema on Postgres keeps the port of a service as a signed number of 16 bits: its server ends at once with a higher one. */
const LAST_PORT = 32_767;
const FIRST_PORT = 10_000;
/** So many are there at least, wherever the search begins. */
const SPARE = 1_000;

/** Gives ports of 127.0.0.1 that are free and that a service of Temporal on Postgres can have, each once: the preferred one where it is free. */
export function servicePorts(): (preferred?: number) => Promise<number> {
  let last = randomInt(FIRST_PORT, LAST_PORT - SPARE);
  const given = new Set<number>();
  return async (preferred) => {
    for (let wanted = preferred || ++last; wanted <= LAST_PORT; wanted = ++last) {
      if (given.has(wanted) || (await freePort(wanted)) !== wanted) continue;
      given.add(wanted);
      return wanted;
    }
    throw new Error(`No port between ${FIRST_PORT} and ${LAST_PORT} of 127.0.0.1 is free.`);
  };
}
