import { expect, it } from 'vitest';
import { madeBy } from '../../src/activities/stored.js';
import { branchProtection } from '../../src/github/operations/branch-protection.js';
import { label } from '../../src/github/operations/label.js';
import type { Json } from '../../src/standards/model.js';
import { mergeProtection } from '../../src/standards/protection.js';

const restrictedTo = (...teams: string[]) =>
  mergeProtection(null, { enforce_admins: true, restrictions: { users: ['sam'], teams, apps: [] } });
const [wrote, without] = [restrictedTo('zeta'), restrictedTo()];

const looking = (found: Json) => {
  const looks: Json[] = [];
  const look = () => {
    looks.push(found);
    return Promise.resolve(found);
  };
  return { looks, look };
};

it('an answer that holds what was written counts without a look', async () => {
  const { looks, look } = looking(null);
  expect(await madeBy(branchProtection, wrote, wrote, look)).toEqual({ stored: wrote });
  expect(looks).toEqual([]);
});

it.each([
  ['shows the same', without, { stored: without }],
  ['shows that all is there', wrote, { stored: wrote }],
  ['shows a third thing', restrictedTo('theirs'), {}],
  ['finds nothing', null, {}],
])('one that leaves out some of it counts as a look says, which %s', async (_, found, made) => {
  expect(await madeBy(branchProtection, without, wrote, looking(found).look)).toEqual(made);
});

const failing = () => Promise.reject(new Error('away'));

it('a look that fails takes nothing from the write', async () => {
  expect(await madeBy(branchProtection, without, wrote, failing)).toEqual({});
});

it('what GitHub does not add to is as it was written', async () => {
  const { looks, look } = looking(null);
  expect(await madeBy(label, { name: 'x' }, { name: 'y' }, look)).toEqual({});
  expect(looks).toEqual([]);
});
