const FLAG = '--postgres';

/**
 * What a script's `--postgres` asks for: the tests and campaigns on the full Temporal server and a store on Postgres.
 * Gives the arguments without it, the parts to provision, and the variables by which test/support/backend.ts knows.
 */
export function onPostgres(args) {
  if (!args.includes(FLAG)) return { args, parts: [], variables: {} };
  return {
    args: args.filter((arg) => arg !== FLAG),
    parts: ['fullServer'],
    variables: { ORGSAGA_TEST_TEMPORAL: 'postgres' },
  };
}
