import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type LimitsOption, type SeedOrganization, seedDemo, startSimulatedGitHub } from './index.js';

const USAGE =
  'usage: main.js [--port N] [--repos N] [--latency-ms N] [--lag-ms N] [--limits none|documented] [--seed-file FILE] [--record-bodies]';

function number(value: string | undefined, name: string): number {
  const parsed = Number(value ?? 0);
  if (!Number.isInteger(parsed) || parsed < 0)
    throw new Error(`--${name} must be a whole number, not ${value}`);
  return parsed;
}

function limitsOf(value: string | undefined): LimitsOption {
  if (value === undefined || value === 'none') return 'none';
  if (value === 'documented') return value;
  throw new Error(`--limits must be none or documented, not ${value}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      repos: { type: 'string' },
      'latency-ms': { type: 'string' },
      limits: { type: 'string' },
      'seed-file': { type: 'string' },
      'lag-ms': { type: 'string' },
      'record-bodies': { type: 'boolean' },
    },
  });
  const file = values['seed-file'];
  const seed =
    file === undefined
      ? [seedDemo(number(values.repos ?? '60', 'repos'))]
      : (JSON.parse(readFileSync(file, 'utf8')) as SeedOrganization[]);
  const github = await startSimulatedGitHub({
    port: number(values.port, 'port'),
    latencyMs: number(values['latency-ms'], 'latency-ms'),
    limits: limitsOf(values.limits),
    lagMs: number(values['lag-ms'], 'lag-ms'),
    recordBodies: values['record-bodies'] ?? false,
    seed,
  });
  let closing = false;
  const stop = (): void => {
    if (closing) return;
    closing = true;
    void github.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Whoever started it by a channel was killed.
  process.once('disconnect', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: github.url })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 1;
});
