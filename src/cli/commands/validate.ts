import { type Cli, examples, JSON_HELP } from '../cli.js';
import { EXIT } from '../exit-codes.js';
import { loadChecked } from '../standards-file.js';

/** `validate`: schema and security layers, without the network. */
export const validateCommand = (cli: Cli) =>
  cli
    .command(
      'validate',
      'Check a standards file: its schema, names, paths and that it holds no credential. No network.',
    )
    .requiredOption('-f, --file <file>', 'the standards file')
    .option('--json', JSON_HELP)
    .addHelpText('after', examples('orgsaga validate -f standards.yaml'))
    .action(
      cli.action(async ({ file, json = false }) => {
        const { document, hash } = await loadChecked(cli.deps, file);
        const organizations = document.organizations.map(({ login, repositories, teams }) => ({
          login,
          rules: repositories.length,
          teams: teams.length,
        }));
        if (json) cli.out.json({ valid: true, file, hash, organizations });
        else
          cli.out.lines(
            `${file} is valid: ${organizations.map(({ login, rules, teams }) => `${login} (${rules} repository rules, ${teams} teams)`).join(', ')}`,
          );
        return EXIT.done;
      }),
    );
