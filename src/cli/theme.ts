import picocolors from 'picocolors';
import type { Io, OutputStream } from './io.js';

export type Theme = ReturnType<typeof picocolors.createColors>;

/** Colours for one stream: NO_COLOR turns them off, FORCE_COLOR on, else only a terminal that can has them. */
export function themeFor(stream: OutputStream, env: Io['env']): Theme {
  if (env['NO_COLOR']) return picocolors.createColors(false);
  if (env['FORCE_COLOR']) return picocolors.createColors(true);
  return picocolors.createColors(stream.isTTY === true && env['TERM'] !== 'dumb');
}

/** Text from outside on one line, without the control characters by which it could take over a terminal or reorder what is read. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu, ' ').trim();
}
