import { readToken } from '../config/github.js';
import type { Config } from '../config.js';
import { CliError } from './errors.js';
import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';

export const NO_TOKEN =
  'set GITHUB_TOKEN, or GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY (or _FILE)';

/** The tokens that are configured here: null for the default one, then organisations that have their own. */
export function configuredTokens({ github }: Config): (string | null)[] {
  const { token, app, tokens } = github;
  return [...(token === undefined && app === undefined ? [] : [null]), ...Object.keys(tokens)];
}

/**
 * Makes sure that there is a token for each organisation before anything is asked of GitHub. Whether GitHub takes it,
 * only GitHub can say.
 * @throws CliError with exit code 4
 */
export function requireTokens(config: Config, env: Io['env'], organizations: readonly string[]): void {
  const { token, app, tokens } = config.github;
  for (const organization of organizations) {
    const own = tokens[organization.toLowerCase()];
    if (own === undefined && token === undefined && app === undefined)
      throw new CliError(`There is no GitHub token for ${organization}: ${NO_TOKEN}.`, EXIT.authentication);
    try {
      if (own !== undefined) readToken(own, env);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CliError(`There is no GitHub token for ${organization}: ${why}`, EXIT.authentication);
    }
  }
}
