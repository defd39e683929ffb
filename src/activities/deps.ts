import type { RunSettings } from '../config.js';
import type { Connectors } from '../connectors/connectors.js';
import type { GitHubClient } from '../github/client.js';
import type { Store } from '../store/store.js';
import type { RunState } from '../workflows/contract.js';

/** What activities are made of; a test gives its own. */
export interface ActivityDeps {
  store: Store;
  /** Access to GitHub with an organisation's token. @throws Error that says which variable to set */
  github(organization: string, options: { graphql: boolean }): GitHubClient;
  settings: RunSettings;
  /** Other systems that a saga works with. */
  connectors: Connectors;
  /**
   * Whether a run, or any item of it, is still being worked on; decides whether its lock may be taken over. An item that waits for
   * a person is not.
   */
  isAlive(run: string): Promise<boolean>;
  /** Ends an older dead letter whose item a newer run has put right. */
  supersede(
    letter: { run: string; item: string; kind: 'repository' | 'organization' | 'team' },
    by: string,
  ): Promise<void>;
  /** Where a run that is still open stands; null where it has closed or Temporal does not know it any more. */
  stateOf(run: string): Promise<RunState | null>;
  /** Whether a compensation of a run waits for a person, also where the run has closed or was ended from outside. */
  hasParked(run: string): Promise<boolean>;
  /** Asks a run that waits with dead letters to let them go; false where it has closed. */
  dismissLetters(run: string, discard: { actor: string; reason: string }): Promise<boolean>;
  /** Ends a dead letter of a run that has closed. */
  discard(
    letter: { run: string; item: string; kind: 'repository' | 'organization' | 'team' },
    discard: { actor: string; reason: string },
  ): Promise<void>;
  now(): number;
}
