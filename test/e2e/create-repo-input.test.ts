import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organization } from '../support/organization.js';
import { create, fresh, reportOf } from '../support/repository-creation.js';
import { type System, startSystem } from '../support/system.js';

describe('create-repo is refused before anything is done', { timeout: 120_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ seed: [organization('acme', 2)] });
  });
  afterAll(() => system?.stop());

  const orgsaga = (...args: string[]) => system.orgsaga(['create-repo', ...args, '--yes']);

  async function expectRefused(code: number, says: RegExp, ...args: string[]): Promise<void> {
    const before = system.dump('acme');
    const ran = await orgsaga(...args);
    expect(ran.code, ran.stderr).toBe(code);
    expect(ran.stderr).toMatch(says);
    expect(system.dump('acme')).toEqual(before);
  }

  it('where nobody can be asked', async () => {
    const ran = await system.orgsaga(['create-repo', 'acme/x']);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('add --yes')]);
  });

  it('where the repository exists', () => expectRefused(1, /exists already.*--adopt/, 'acme/repo-000'));
  it('where it exists in another spelling', () => expectRefused(1, /exists already/, 'acme/REPO-000'));
  it('where a team does not exist', () =>
    expectRefused(2, /no team acme\/nobody/, 'acme/x', '--developers', 'nobody'));
  it('where there is no such organisation', () => expectRefused(1, /no organisation nobody/, 'nobody/x'));
  it('where GitHub would fold the name', () => expectRefused(2, /would make "my-repo"/, 'acme/my repo'));
  it.each(['acme', 'a/b/c', 'acme/..', 'acme/x.git', 'acme-/x', 'acme/', ''])('for the name %j', (name) =>
    expectRefused(2, /repository|empty/, name),
  );
  it('where a team is named twice', () =>
    expectRefused(2, /named twice/, 'acme/x', '--developers', 'developers', '--team', 'developers=pull'));
  it('where a team has a name that an object would lose', () =>
    expectRefused(2, /__proto__ cannot be a name/, 'acme/x', '--team', '__proto__=push'));
  it('where a file holds itself', () => {
    const file = system.write('circle.yaml', 'version: 1\nissues: &a [*a]\n');
    return expectRefused(2, /circle\.yaml:1:1: nested too deeply/, '-f', file);
  });
  it('where a permission is none', () => expectRefused(2, /"owner"/, 'acme/x', '--team', 'developers=owner'));
  it('where a description is longer than GitHub takes', () =>
    expectRefused(2, /350 characters/, 'acme/x', '--description', 'x'.repeat(351)));
  it('where a text holds a credential', () =>
    expectRefused(2, /credential/, 'acme/x', '--issue', `Use ghp_${'a1B2'.repeat(9)}`));

  it('where the file has an unknown key, with its line and the nearest key', async () => {
    const file = system.write('typo.yaml', 'version: 1\nrepository: acme/x\ndescripton: y\n');
    await expectRefused(
      2,
      /typo\.yaml:3:1: unknown key "descripton"; did you mean "description"/,
      '-f',
      file,
    );
  });
  it('where the file and flags both say it', async () => {
    const file = system.write('whole.yaml', 'version: 1\nrepository: acme/x\n');
    await expectRefused(2, /the file says all of it/, '-f', file, '--description', 'y');
    await expectRefused(2, /the file says all of it/, 'acme/x', '-f', file);
  });

  it('where the token may not create repositories', async () => {
    const match = { method: 'POST', path: '/orgs/*/repos' };
    const body = { message: 'Must have admin rights to Organization.' };
    const id = system.github.faults.add({ match, kind: 'status', status: 403, body });
    await expectRefused(1, /admin rights/, 'acme/x');
    system.github.faults.remove(id);
  });

  it('but the same key starts one run, and another request under it none', async () => {
    const name = fresh();
    const first = reportOf(await create(system, name, '--key', 'k1').ended, 0);
    const again = reportOf(await create(system, name, '--key', 'k1').ended, 0);
    expect(again.run).toBe(first.run);
    const other = await create(system, fresh(), '--key', 'k1').ended;
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('another request');
  });

  it('but adopted, an existing one is brought to what was asked and never deleted', async () => {
    const flags = ['acme/repo-001', '--adopt', '--json', '--team', 'maintainers=admin', '--issue', 'Hello'];
    const before = system.dump('acme').repositories['repo-001'];
    const match = { method: 'POST', path: '/repos/*/*/issues' };
    const id = system.github.faults.add({ match, kind: 'status', status: 422, body: { message: 'No.' } });
    reportOf(await orgsaga(...flags), 3);
    expect(system.dump('acme').repositories['repo-001']).toEqual(before);
    system.github.faults.remove(id);
    const report = reportOf(await orgsaga(...flags), 0);
    expect(report.steps.map(({ name }) => name)).not.toContain('repository');
    const after = system.dump('acme').repositories['repo-001'];
    expect(after).toMatchObject({ id: before?.id, settings: before?.settings ?? {} });
    expect(after?.teams).toEqual({ ...before?.teams, maintainers: 'admin' });
    expect(after?.branch_protection).toEqual(before?.branch_protection);
  });

  it('but adopted, the protection that is there is changed by the keys that are named only', async () => {
    const text = 'version: 1\nrepository: acme/repo-001\nbranch_protection: { enforce_admins: true }\n';
    const file = system.write('named.yaml', text);
    const before = system.dump('acme').repositories['repo-001']?.branch_protection['main'];
    expect(before).toMatchObject({ enforce_admins: false });
    reportOf(await orgsaga('-f', file, '--adopt', '--json'), 0);
    const after = system.dump('acme').repositories['repo-001']?.branch_protection['main'];
    expect(after).toEqual({ ...(before as object), enforce_admins: true });
  });

  it('also adopted, where a visibility is named that it has not, by flag or in the file', async () => {
    const says =
      /acme\/repo-001 is public and private is asked for; --adopt does not change a repository's visibility/;
    await expectRefused(1, says, 'acme/repo-001', '--adopt', '--visibility', 'private');
    const text = 'version: 1\nrepository: acme/repo-001\nvisibility: private\n';
    const file = system.write('private.yaml', text);
    await expectRefused(1, says, '-f', file, '--adopt');
    const ran = await orgsaga('-f', file, '--adopt', '--json');
    expect(reportOf(ran, 1)).toMatchObject({ state: 'Refused' });
    reportOf(await orgsaga('acme/repo-001', '--adopt', '--visibility', 'public', '--json'), 0);
  });
});
