import { z } from 'zod';

/** An entry in the company's service catalogue: `PUT`, `GET` and `DELETE` of `/services/{name}`. */
export default {
  name: 'service-catalogue',
  description: 'an entry in the service catalogue',
  options: z.strictObject({
    title: z.string().min(1),
    tier: z.enum(['gold', 'silver', 'bronze']).default('bronze'),
  }),
  address: { variable: 'CATALOGUE_URL' },
  credentials: [['CATALOGUE_TOKEN']],
  // The same PUT twice leaves one entry.
  idempotent: true,

  async forward(context, { title, tier }) {
    const body = { title, tier, repository: context.repository, createdBy: context.key };
    await send(context, 'PUT', body);
    return { name: nameOf(context), url: `${context.http.address}/services/${nameOf(context)}` };
  },

  async inspect(context) {
    const entry = await find(context);
    if (entry === null) return { state: 'absent' };
    if (entry.createdBy !== context.key) return { state: 'foreign', what: `an entry ${nameOf(context)}` };
    return {
      state: 'ours',
      result: { name: nameOf(context), url: `${context.http.address}/services/${nameOf(context)}` },
    };
  },

  async compensate(context, { title, tier }) {
    const entry = await find(context);
    if (entry === null) return { conflicts: [] };
    // What somebody has edited since stays, and the run says so.
    const conflicts = Object.entries({ title, tier })
      .filter(([field, wrote]) => entry[field] !== wrote)
      .map(([field, wrote]) => ({ field: `entry ${nameOf(context)}: ${field}`, wrote, found: entry[field] }));
    if (conflicts.length === 0) await send(context, 'DELETE');
    return { conflicts };
  },
};

const nameOf = ({ repository }) => repository.split('/')[1];

async function find(context) {
  const { status, data } = await send(context, 'GET');
  return status === 404 ? null : data;
}

function send(context, method, body) {
  return context.http.send({
    method,
    path: `/services/${nameOf(context)}`,
    headers: { authorization: `Bearer ${context.credential('CATALOGUE_TOKEN')}` },
    ...(body === undefined ? {} : { body }),
    ...(method === 'PUT' ? {} : { accept: [404] }),
  });
}
