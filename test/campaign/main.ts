import { parseArgs } from 'node:util';
import { CAMPAIGNS } from './campaigns.js';
import { CONTROLS, isFoundOut } from './controls.js';
import type { Campaign } from './engine/campaign.js';
import { type Figures, lines, sum, summary } from './engine/figures.js';
import { play } from './engine/play.js';

const USAGE = `usage: npm run campaign -- ${CAMPAIGNS.map(({ id }) => id).join('|')}|controls [--seed N] [--rounds N] [--json]
       npm run campaigns -- [--seed N] [--rounds N] [--json]
  --seed N     the first round's seed; 1 unless given. The same seed gives the same faults
  --rounds N   so many rounds, each with the next seed; of one campaign 1 unless given
  --json       the figures as JSON, one line a campaign, on stdout`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

class UsageError extends Error {}

function whole(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new UsageError(`--${name} must be a whole number, not ${text}`);
  return value;
}

function chosen(id: string): Campaign {
  const found = CAMPAIGNS.find((campaign) => campaign.id === id.toUpperCase());
  if (found === undefined) throw new UsageError(`there is no campaign ${id}`);
  return found;
}

interface Asked {
  seed: number;
  rounds: number | undefined;
  json: boolean;
  campaigns: readonly Campaign[];
  controls: boolean;
}

function asked(): Asked {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean' },
      seed: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const named = positionals.filter((name) => name !== 'controls');
  const campaigns = values.all === true ? CAMPAIGNS : named.map(chosen);
  const controls = values.all === true || named.length < positionals.length;
  if (campaigns.length === 0 && !controls) throw new UsageError('name a campaign');
  return {
    seed: whole(values.seed, 'seed') ?? 1,
    rounds: whole(values.rounds, 'rounds') ?? (values.all === true ? undefined : 1),
    json: values.json ?? false,
    campaigns,
    controls,
  };
}

const roundLine = ({ seeds, milliseconds, kills, unknownOutcomes, violations }: Figures): string[] => [
  `  seed ${seeds.join()}: ${Math.round(milliseconds / 1_000)} s, ${kills.workers} workers and ${kills.servers} servers killed, ${unknownOutcomes} unknown outcomes, ${violations.length} violations`,
  ...violations.map((line) => `    ${line}`),
];

/** Plays what was asked for. Gives whether all promises were kept and no broken build passed. */
async function main({ seed, rounds: given, json, campaigns, controls }: Asked): Promise<boolean> {
  const print = (value: unknown, text: readonly string[]): void =>
    void process.stdout.write(`${json ? JSON.stringify(value) : text.join('\n')}\n`);
  const played: Figures[] = [];
  for (const campaign of campaigns) {
    const rounds = given ?? campaign.rounds;
    say(`${campaign.id}, ${campaign.title}: ${rounds} rounds from seed ${seed}`);
    const figures = await play(campaign, { seed, rounds, ended: (one) => say(roundLine(one).join('\n')) });
    print(summary(campaign.id, figures), lines(campaign.id, figures));
    played.push(figures);
  }
  if (played.length > 1) print(summary('all', sum(played)), lines('all', sum(played)));
  let seen = true;
  for (const control of controls ? CONTROLS : []) {
    const found = await isFoundOut(control);
    const verdict = found ? 'found out' : 'NOT FOUND OUT: the checker is blind to it';
    print({ control: control.name, foundOut: found }, [
      `control: a build that no longer ${control.name}: ${verdict}`,
    ]);
    seen &&= found;
  }
  return seen && played.every(({ violations }) => violations.length === 0);
}

// Whoever ends it ends the servers and workers with it.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));

try {
  process.exitCode = (await main(asked())) ? 0 : 1;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) say(USAGE);
  process.exitCode = 2;
}
// A command that was given up may still have its pipes open.
process.stdout.write('', () => process.exit());
