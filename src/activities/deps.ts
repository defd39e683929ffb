import type { RunSettings } from '../config.js';
import type { GitHubClient } from '../github/client.js';
import type { Store } from '../store/store.js';

/** What activities are made of; a test gives its own. */
export interface ActivityDeps {
  store: Store;
  /** Access to GitHub with an organisation's token. @throws Error that says which variable to set */
  github(organization: string, options: { graphql: boolean }): GitHubClient;
  settings: RunSettings;
  /** Whether a run, or any item of it, is still being worked on; decides whether its lock may be taken over. */
  isAlive(run: string): Promise<boolean>;
  /** Ends an older dead letter whose item a newer run has put right. */
  supersede(
    letter: { run: string; item: string; kind: 'repository' | 'organization' | 'team' },
    by: string,
  ): Promise<void>;
  now(): number;
}
