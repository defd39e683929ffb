import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { CliError, UsageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { costJson, noteCost } from '../reading-cost.js';
import { readingProgress } from '../reading-progress.js';
import { requireTokens } from '../token.js';

/** The JSON Schema of this very package as an editor finds it from a file: relative, with slashes. */
function schemaFor(file: string): string {
  const schema = fileURLToPath(new URL('../../../schema/standards.schema.json', import.meta.url));
  const path = relative(dirname(resolve(file)), schema)
    .split(sep)
    .join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'EEXIST')
      throw new UsageError(`${file} is there already: name another file, or add --force to replace it.`);
    throw new CliError(`${file} cannot be written (${code}).`, EXIT.error);
  }
}

/** `init`: the live organisation as a standards file. */
export const initCommand = (cli: Cli) =>
  cli
    .command(
      'init',
      'Write a standards file from a live organisation; plan says right after that nothing is to change.',
    )
    .requiredOption('--org <login>', 'the organisation')
    .option('-o, --output <file>', 'write it there instead of to stdout')
    .option('--force', 'replace the file if it is there')
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples('orgsaga init --org acme -o standards.yaml', 'orgsaga init --org acme | less'),
    )
    .action(
      cli.action(async ({ org, output, force = false, json = false }) => {
        const { io, deps, out } = cli;
        const config = await deps.loadConfig(io.env);
        requireTokens(config, io.env, [org]);
        const progress = readingProgress(io, org);
        const { value, cost } = await deps
          .withReads(config, io.env, { organizations: [org], cached: false }, (reads) =>
            reads.readLive(org, (read, total) => progress.update(read, total)),
          )
          .finally(() => progress.end());
        const { organization, repositories } = value;
        const { renderStandards } = await import('../../standards/init.js');
        const text = renderStandards(
          organization,
          repositories,
          ...(output === undefined ? [] : [schemaFor(output)]),
        );
        if (output !== undefined) {
          await write(output, text, force);
          out.notes(`Wrote ${output}: ${organization.login}, ${repositories.length} repositories.`);
        }
        noteCost(out, cost);
        if (json)
          out.json({
            organization: organization.login,
            repositories: repositories.length,
            file: output ?? null,
            ...costJson(cost),
            ...(output === undefined ? { standards: text } : {}),
          });
        else if (output === undefined) io.stdout.write(text);
        return EXIT.done;
      }),
    );
