import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A history as stored; replay needs the id too, of which the workflows make their children's. */
export interface Recorded {
  workflowId: string;
  history: unknown;
}

const HISTORIES = fileURLToPath(new URL('../histories', import.meta.url));

/** This release, by package.json. */
export const RELEASE: string = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
).version;

/** Every history of every release, by `<release>/<name>`. */
export const stored = (): [string, Recorded][] =>
  readdirSync(HISTORIES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => [file.slice(0, -'.json'.length), JSON.parse(readFileSync(join(HISTORIES, file), 'utf8'))]);

/** Keeps these as this release's, beside those under other names: what an earlier build of it has begun goes on, too. */
export function keep(histories: ReadonlyMap<string, Recorded>): void {
  for (const [name, history] of histories) {
    const path = join(HISTORIES, RELEASE, `${name}.json`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(history)}\n`);
  }
}

export const workflowTypeOf = ({ history }: Recorded): string | undefined =>
  /"workflowType":\{"name":"(\w+)"/.exec(JSON.stringify(history))?.[1];
