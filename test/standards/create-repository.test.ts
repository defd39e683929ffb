import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adopted, githubSteps, STANDARD_PROTECTION } from '../../src/standards/create-repository.js';
import { StandardsError } from '../../src/standards/problem.js';
import {
  isMarkedBy,
  issueKey,
  issueMark,
  MOST_DESCRIPTION,
  markedRepository,
} from '../../src/standards/repository-marker.js';
import { readRepositoryRequest, repositoryJsonSchema } from '../../src/standards/repository-request.js';
import type { SagaPlan } from '../../src/standards/saga-plan.js';
import { repositoryFile } from '../../src/standards/schema/repository-file.js';
import { parseYamlFile } from '../../src/standards/yaml-file.js';

const ASKED = {
  version: 1,
  repository: 'acme/payments',
  teams: { developers: 'push', admins: 'admin' },
  issues: [{ title: 'One' }, { title: 'Two', labels: ['bug'] }],
};
const FORMAT = { schema: repositoryFile, name: 'the repository file' };
const planOf = (more: object = {}) => readRepositoryRequest({ ...ASKED, ...more }).plan;
const names = (plan: ReturnType<typeof planOf>) => githubSteps(plan).map(({ name }) => name);

const problems = (text: string): string => {
  try {
    parseYamlFile(text, 'new.yaml', FORMAT);
  } catch (error) {
    if (error instanceof StandardsError) return error.message;
    throw error;
  }
  return '';
};

describe('the plan of a new repository', () => {
  it('makes, protects, grants, opens, describes and sweeps, in that order', () => {
    const plan = planOf();
    expect(names(plan)).toEqual([
      'repository',
      'protection',
      'teams/developers',
      'teams/admins',
      'issues/1',
      'issues/2',
      'description',
      'duplicates',
    ]);
    expect(plan).toMatchObject({ type: 'sequence' });
    expect(JSON.stringify(plan)).toContain('"type":"nested","name":"teams"');
    for (const { name, change } of githubSteps(plan)) expect(change.step).toBe(name);
  });

  it('leaves out what is not asked for', () => {
    expect(names(planOf({ branch_protection: false, teams: {}, issues: [] }))).toEqual([
      'repository',
      'description',
    ]);
  });

  it('of one that is there already makes nothing, and describes only where a description is given', () => {
    const without = adopted(planOf());
    expect(without === null ? [] : names(without)).not.toContain('description');
    const given = adopted(planOf({ description: 'Pays' }));
    expect(given === null ? [] : names(given)).toContain('description');
    expect(given === null ? [] : names(given)).not.toContain('repository');
    expect(adopted(planOf({ branch_protection: false, teams: {}, issues: [] }))).toBeNull();
  });
});

const protection = (plan: SagaPlan | null): unknown =>
  plan === null ? null : githubSteps(plan).find(({ name }) => name === 'protection')?.change.after;

describe('the protection of a repository that is there already', () => {
  it('is left alone where none is asked for, though a new one gets the standard', () => {
    expect(protection(planOf())).toEqual(STANDARD_PROTECTION);
    expect(protection(adopted(planOf()))).toBeUndefined();
  });

  it('is asked for by the keys that are named, and no others', () => {
    const branch_protection = { enforce_admins: false };
    expect(protection(adopted(planOf({ branch_protection })))).toEqual(branch_protection);
    expect(protection(adopted(planOf({ branch_protection: STANDARD_PROTECTION })))).toEqual(
      STANDARD_PROTECTION,
    );
  });
});

describe('the repository file', () => {
  it('comes out as it went in, defaults filled in', () => {
    const file = parseYamlFile('version: 1\nrepository: acme/x\n', 'new.yaml', FORMAT);
    expect(file).toEqual({ version: 1, repository: 'acme/x', description: '', teams: {}, issues: [] });
    expect(githubSteps(planOf())[0]?.change.after).toMatchObject({ visibility: 'private' });
    expect(repositoryFile.parse(file)).toEqual(file);
  });

  it.each([
    [
      'version: 1\nrepository: acme/x\ndescripton: y\n',
      'new.yaml:3:1: unknown key "descripton"; did you mean "description"?',
    ],
    ['version: 1\nrepository: acme/my repo\n', 'GitHub would make "my-repo" of it'],
    ['version: 1\nrepository: acme\n', 'is not written as owner/name'],
    ['version: 1\nrepository: ac--me/x\n', 'two hyphens'],
    ['version: 2\nrepository: acme/x\n', 'version: expected 1'],
    ['repository: acme/x\n', 'missing key "version"'],
    ['version: 1\nrepository: acme/x\nvisibility: secret\n', '"private"'],
    ['version: 1\nrepository: acme/x\nteams: { Dev Ops: push }\n', 'no slug'],
    ['version: 1\nrepository: acme/x\nteams: { dev: write }\n', '"push"'],
    ['version: 1\nrepository: acme/x\nissues: [{ title: " " }]\n', 'may not be empty'],
    ['version: 1\nrepository: acme/x\nbranch_protection: { enforce_admin: true }\n', 'enforce_admins'],
    [`version: 1\nrepository: acme/x\ndescription: ${'x'.repeat(351)}\n`, '350'],
    [`version: 1\nrepository: acme/x\ndescription: ghp_${'aB3d'.repeat(9)}\n`, 'credential'],
    ['', 'the file is empty'],
    ['version: 1\n  repository: [', 'new.yaml:'],
  ])('is refused: %j', (text, said) => {
    expect(problems(text)).toContain(said);
  });

  it('hashes to the same however it is written', () => {
    const turned = { ...ASKED, teams: { admins: 'admin', developers: 'push' } };
    expect(readRepositoryRequest(turned).hash).toBe(readRepositoryRequest(ASKED).hash);
    expect(readRepositoryRequest({ ...ASKED, description: 'x' }).hash).not.toBe(
      readRepositoryRequest(ASKED).hash,
    );
  });

  it('has the JSON Schema that ships', () => {
    const url = new URL('../../schema/repository.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(url, 'utf8'))).toEqual(repositoryJsonSchema());
  });
});

describe('marks', () => {
  it('leave room for themselves in the longest description', () => {
    const run = 'create-repo-acme-20261123-091500-4f2a';
    for (const description of ['', 'Short', 'x'.repeat(MOST_DESCRIPTION)]) {
      const marked = markedRepository(description, run);
      expect(marked.length).toBeLessThanOrEqual(MOST_DESCRIPTION);
      expect(isMarkedBy(marked, run)).toBe(true);
      expect(isMarkedBy(marked, `${run}0`)).toBe(false);
    }
    expect(isMarkedBy('Short', run)).toBe(false);
  });

  it('of issues tell runs and keys apart', () => {
    const body = `Text\n\n${issueMark('run-1', '1')}`;
    expect(issueKey(body, 'run-1')).toBe('1');
    expect(issueKey(body, 'run')).toBeNull();
    expect(issueKey(null, 'run-1')).toBeNull();
  });
});
