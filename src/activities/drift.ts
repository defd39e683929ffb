import type { PlannedItem } from '../standards/model.js';
import { isAtRest } from '../workflows/contract.js';
import { answering, NotYet } from './answering.js';
import type { ActivityDeps } from './deps.js';
import { documentOf } from './documents.js';
import type { DriftActivities } from './drift-interface.js';
import type { PlanInput } from './interface.js';
import { planPageAfter, planPartsAfter } from './plan-lag.js';

/** Between two looks at a run: a tenth of how long it has taken so far, so that a long one fills no history; milliseconds. */
const LOOK_AGAIN = { least: 5_000, most: 600_000, part: 0.1 };

/** Activities of a check that only looks. */
export function driftActivities(deps: ActivityDeps): DriftActivities {
  const { store, settings } = deps;
  const answer = <T>(work: () => Promise<T>) => answering(settings, 'do', work);
  const of = async ({ run, organization, graphql }: PlanInput) => ({
    github: deps.github(organization, { graphql }),
    document: await documentOf(deps, run),
  });

  return {
    openDrift: ({ run, schedule, apply: { document, hash, actor } }) =>
      answer(async () => {
        await store.putDocument(hash, JSON.stringify(document));
        await store.saveRun({
          run,
          organizations: document.organizations.map(({ login }) => login),
          kind: 'drift',
          actor,
          document: hash,
          options: { schedule },
          startedAt: (await store.getRun(run))?.startedAt ?? deps.now(),
          endedAt: null,
          state: 'Planning',
          totals: null,
        });
        return settings;
      }),

    checkOrganization: (input) =>
      answer(async () => {
        const { github, document } = await of(input);
        const { before, after, problems } = await planPartsAfter(deps, github, document, input.organization);
        return { items: [...before, ...after].map(differing), read: 0, problems };
      }),

    checkPage: (input) =>
      answer(async () => {
        const { github, document } = await of(input);
        const page = await planPageAfter(deps, github, document, input.organization, input.cursor);
        return { items: page.items.map(differing), read: page.read, next: page.next };
      }),

    recordDrift: ({ run, report: { items, changes, run: applied } }) =>
      answer(async () => {
        const known = await store.getRun(run);
        if (known === null) return null;
        const totals = { items, changes, run: applied };
        await store.saveRun({ ...known, state: 'Committed', totals, endedAt: deps.now() });
        return null;
      }),

    untilAtRest: ({ run, since }) =>
      answer(async () => {
        const open = await deps.stateOf(run);
        if (open === null) return ((await store.getRun(run))?.state ?? null) as typeof open;
        if (isAtRest(open)) return open;
        const { least, most, part } = LOOK_AGAIN;
        const wait = Math.min(most, Math.max(least, (deps.now() - since) * part));
        throw new NotYet(deps.now() + wait, `${run} is under way`);
      }),
  };
}

const differing = ({ item, changes }: PlannedItem) => ({ item, changes: changes.length });
