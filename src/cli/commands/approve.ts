import { notBlank } from '../arguments.js';
import { type Cli, examples, JSON_HELP } from '../cli.js';
import { connected } from '../connected.js';
import { EXIT } from '../exit-codes.js';

/** `approve RUN`: let a plan be applied that somebody else asked for. */
export const approveCommand = (cli: Cli) =>
  cli
    .command(
      'approve',
      'Approve the plan that a run waits with; by somebody else than who asked for it (ORGSAGA_ACTOR). What is applied is what was approved, or nothing.',
    )
    .argument('<run>', 'the run, as apply and runs print it', notBlank)
    .option('--plan <hash>', 'only this plan, as status shows its hash', notBlank)
    .option('--json', JSON_HELP)
    .addHelpText(
      'after',
      examples(
        "orgsaga status apply-acme-1                        what would change, and the plan's hash",
        'ORGSAGA_ACTOR=lin orgsaga approve apply-acme-1',
      ),
    )
    .action(
      cli.action(async (run, { plan, json = false }) =>
        connected(cli, async (client) => {
          const { out } = cli;
          const approved = await client.approve(run, plan ?? null);
          if (json) out.json({ run, plan: approved });
          else
            out.lines(
              `${run}: ${approved.changes} changes to ${approved.items} items are approved by ${approved.approvedBy}.`,
            );
          out.notes(`Watch it come to rest: orgsaga watch ${run}`);
          return EXIT.done;
        }),
      ),
    );
