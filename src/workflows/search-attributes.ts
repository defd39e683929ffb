import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** All are of type Keyword. They are not encrypted: never a person's name or a secret in them. */
export const SEARCH_ATTRIBUTES = {
  org: defineSearchAttributeKey('OrgsagaOrg', SearchAttributeType.KEYWORD),
  /** `run`, `page`, `item`, `compensation`, `check`. */
  kind: defineSearchAttributeKey('OrgsagaKind', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('OrgsagaState', SearchAttributeType.KEYWORD),
  run: defineSearchAttributeKey('OrgsagaRun', SearchAttributeType.KEYWORD),
  /** One word for why an item failed, e.g. `refused`, `forbidden`. */
  failure: defineSearchAttributeKey('OrgsagaFailure', SearchAttributeType.KEYWORD),
};

export type WorkflowKind = 'run' | 'page' | 'item' | 'compensation' | 'check';

/** What every workflow of a run is started with, so that one query finds them all. */
export function searchAttributesOf(kind: WorkflowKind, organization: string, run: string, state: string) {
  return [
    { key: SEARCH_ATTRIBUTES.org, value: organization },
    { key: SEARCH_ATTRIBUTES.kind, value: kind },
    { key: SEARCH_ATTRIBUTES.run, value: run },
    { key: SEARCH_ATTRIBUTES.state, value: state },
  ];
}
