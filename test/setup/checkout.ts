import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPTS = fileURLToPath(new URL('../../scripts', import.meta.url));

/** What a stub does, by the first word of the file `<stub>.mode`; each call is one line in calls.log. */
const PRELUDE = (name: string): string => `#!/bin/sh
echo "${name} $*" >> "$STUBS/calls.log"
mode=$(cat "$STUBS/${name}.mode" 2>/dev/null)
case "$mode" in
  stubborn) trap '' TERM;;
esac
case "$mode" in
  hang | stubborn) sleep 300 & echo $! > "$STUBS/${name}.pid.new"; mv "$STUBS/${name}.pid.new" "$STUBS/${name}.pid"; wait; wait; exit 1;;
  network) echo "dial tcp: lookup user:secret@registry: no such host" >&2; exit 1;;
  password) echo "GET https://user:secret@registry.invalid/x 500" >&2; exit 1;;
  space) echo "write: no space left on device" >&2; exit 1;;
esac
`;

const NPM = `mkdir -p node_modules/typescript/bin node_modules/vitest node_modules/@temporalio/worker
cp "$STUBS/tsc.mjs" node_modules/typescript/bin/tsc
cp "$STUBS/bundler.mjs" node_modules/@temporalio/worker/index.js
echo '{ "type": "module", "main": "index.js" }' > node_modules/@temporalio/worker/package.json
cp "$STUBS/vitest.mjs" node_modules/vitest/vitest.mjs
`;

const GO = `printf '#!/bin/sh\\necho temporal version stub\\n' > "$GOBIN/temporal"
chmod +x "$GOBIN/temporal"
`;

const MVN = `for argument in "$@"; do
  case "$argument" in -DoutputDirectory=*) lib="\${argument#-DoutputDirectory=}";; esac
done
mkdir -p "$lib"
echo jar > "$lib/temporal-test-server-1.38.0.jar"
`;

const TSC = `import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
const stubs = process.env.STUBS;
appendFileSync(stubs + '/calls.log', 'tsc\\n');
if (existsSync(stubs + '/tsc.mode')) { console.error('src/dev/demo.ts(1,1): error TS2304'); process.exit(2); }
const out = process.argv[process.argv.indexOf('--outDir') + 1];
mkdirSync(out + '/dev', { recursive: true });
writeFileSync(out + '/dev/demo.js', 'console.log(JSON.stringify({ args: process.argv.slice(2), cli: process.env.TEMPORAL_CLI_PATH }));' +
  'if (process.argv.includes("--wait")) { process.on("SIGTERM", () => process.exit(7)); console.log("waiting"); setInterval(() => {}, 1000); } else process.exitCode = 3;');
`;

const BUNDLER = `export class DefaultLogger {}
export const bundleWorkflowCode = async () => ({ code: 'packed' });
`;

const VITEST = `console.log(JSON.stringify({ args: process.argv.slice(2), cli: process.env.TEMPORAL_CLI_PATH, server: process.env.TEMPORAL_TEST_SERVER_PATH }));
`;

const LOCKFILE = JSON.stringify({ packages: { '': {} } });

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

function commandFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter);
}

/** A small checkout with our scripts, a home of its own, and a PATH that holds stubs and a few plain commands only. */
export class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'orgsaga-setup-'));
  readonly home = join(this.root, 'home');
  readonly stubs = join(this.root, 'stubs');
  readonly #bin = join(this.root, 'bin');
  readonly #children: ChildProcess[] = [];

  constructor() {
    for (const folder of [this.stubs, this.#bin, join(this.root, 'src', 'dev')])
      mkdirSync(folder, { recursive: true });
    cpSync(SCRIPTS, join(this.root, 'scripts'), { recursive: true });
    this.write('package.json', '{ "type": "module", "bin": { "orgsaga": "dist/dev/demo.js" } }');
    this.write('package-lock.json', LOCKFILE);
    this.write('tsconfig.json', '{}');
    this.write('src/dev/demo.ts', '');
    this.write('stubs/tsc.mjs', TSC);
    this.write('stubs/bundler.mjs', BUNDLER);
    this.write('stubs/vitest.mjs', VITEST);
    this.write('stubs/calls.log', '');
    for (const [name, body] of [
      ['npm', NPM],
      ['go', GO],
      ['mvn', MVN],
      ['java', ''],
    ] as const)
      this.#executable(name, PRELUDE(name) + body);
    symlinkSync(process.execPath, join(this.#bin, 'node'));
    for (const name of ['sh', 'cat', 'cp', 'mv', 'mkdir', 'chmod', 'sleep']) {
      const found = commandFolders()
        .map((folder) => join(folder, name))
        .find(existsSync);
      if (found === undefined) throw new Error(`The command ${name} is not on PATH.`);
      symlinkSync(found, join(this.#bin, name));
    }
  }

  #executable(name: string, text: string): void {
    writeFileSync(join(this.#bin, name), text);
    chmodSync(join(this.#bin, name), 0o755);
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  /** The stub `name` does this from now on; undefined: its work. */
  mode(name: string, mode?: string): void {
    rmSync(join(this.stubs, `${name}.mode`), { force: true });
    if (mode !== undefined) this.write(`stubs/${name}.mode`, mode);
  }

  /** As if node_modules had been installed without our scripts. */
  removeStamp(): void {
    rmSync(join(this.root, 'node_modules', '.orgsaga-stamp'));
  }

  uninstall(name: string): void {
    rmSync(join(this.#bin, name));
  }

  /** First word of each command that was called, in order; the log starts anew. */
  calls(): string[] {
    const log = join(this.stubs, 'calls.log');
    const names = readFileSync(log, 'utf8')
      .split('\n')
      .flatMap((line) => line.split(' ')[0] || []);
    writeFileSync(log, '');
    return names;
  }

  /** Process id of what the stub `name` waits for in mode `hang`; undefined until it is there. */
  hanging(name: string): number | undefined {
    const file = join(this.stubs, `${name}.pid`);
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  }

  launch(
    script: string,
    args: string[] = [],
    env: Record<string, string> = {},
  ): { child: ChildProcess; outcome: Promise<Outcome> } {
    const child = spawn(process.execPath, [join(this.root, 'scripts', script), ...args], {
      cwd: this.root,
      env: { PATH: this.#bin, HOME: this.root, ORGSAGA_HOME: this.home, STUBS: this.stubs, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const outcome = new Promise<Outcome>((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { child, outcome };
  }

  run(script: string, args: string[] = [], env: Record<string, string> = {}): Promise<Outcome> {
    return this.launch(script, args, env).outcome;
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** True while a process runs; a zombie that nobody has waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}
