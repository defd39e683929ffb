import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderStandards } from '../../src/standards/init.js';
import { knownKeys, standardsJsonSchema } from '../../src/standards/json-schema.js';
import { organizationState, repositoryState, teamState } from './support.js';

const validate = new Ajv2020({ strict: false }).compile(standardsJsonSchema());

/** The example of a standards file, every kind of key in it. */
const example = `
version: 1
organizations:
  - login: acme
    settings: { default_repository_permission: read, members_can_create_public_repositories: false }
    rulesets: []
    teams:
      - slug: maintainers
        description: Looks after the repositories
        privacy: closed
        members: [{ login: ada, role: maintainer }, { login: lin, role: member }]
      - { slug: old-team, absent: true }
    repositories:
      - match: ["*"]
        exclude: ["legacy-*"]
        settings: { delete_branch_on_merge: true, allow_merge_commit: false, has_wiki: false }
        topics: [managed]
        branch_protection:
          $default:
            enforce_admins: true
            required_status_checks: { strict: true, contexts: [ci] }
            required_pull_request_reviews: { required_approving_review_count: 1 }
            restrictions: null
        rulesets: []
        teams: { maintainers: maintain, developers: push }
        labels: [{ name: security, color: d73a4a, description: Security }]
        files: [{ path: .github/CODEOWNERS, from: templates/CODEOWNERS, via: pull_request }]
    on_failure: rollback
    approval: none
    dead_letter: { max_retries: 3, deadline: 7d }
`;

describe('the JSON Schema', () => {
  it('is the committed one', () => {
    const url = new URL('../../schema/standards.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(url, 'utf8'))).toEqual(standardsJsonSchema());
  });

  it('takes the example and a file that init writes', () => {
    const state = organizationState({
      teams: { core: teamState({ slug: 'core' }) },
      settings: { has_organization_projects: true },
    });
    const written = renderStandards(state, [
      repositoryState({ settings: { has_wiki: true }, branch_protection: { main: {} } }),
    ]);
    for (const text of [example, written])
      expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
  });

  it.each([
    example.replace('has_wiki', 'has_wikis'),
    example.replace('via: pull_request', 'via: mail'),
    example.replace('version: 1', 'version: 2'),
    example.replace('absent: true', 'absent: true, privacy: closed'),
  ])('refuses what the loader refuses (%#)', (text) => expect(validate(parse(text))).toBe(false));

  it('knows the keys of every place', () => {
    const schema = standardsJsonSchema();
    expect(knownKeys(schema, [])).toEqual(['version', 'organizations']);
    const rule = ['organizations', 0, 'repositories', 1];
    expect(knownKeys(schema, [...rule, 'branch_protection', 'main'])).toEqual(
      expect.arrayContaining(['enforce_admins', 'absent']),
    );
    expect(knownKeys(schema, [...rule, 'nothing'])).toEqual([]);
  });
});
