import { planPage, replanRepositories } from '../planning.js';
import type { PlannedItem } from '../standards/model.js';
import { answering } from './answering.js';
import { onlyApproved } from './approval.js';
import type { ActivityDeps } from './deps.js';
import { documentOf } from './documents.js';
import type { Activities, PlanInput } from './interface.js';
import { supersedeLetters } from './letters.js';
import { planItem } from './plan-item.js';
import { planPageAfter, planPartsAfter, refuseBehind } from './plan-lag.js';

type PlanningActivities = Pick<
  Activities,
  'planOrganization' | 'countRemovals' | 'planPage' | 'replanItems' | 'planItem'
>;

/** Activities that read GitHub and say what is to be changed. */
export function planningActivities(deps: ActivityDeps): PlanningActivities {
  const { settings } = deps;
  const planning = <T>(work: () => Promise<T>) => answering(settings, 'do', work);
  const of = async ({ run, organization, graphql }: PlanInput) => ({
    github: deps.github(organization, { graphql }),
    document: await documentOf(deps, run),
  });

  return {
    planOrganization: (input) =>
      planning(async () => {
        const { github, document } = await of(input);
        const plan = await planPartsAfter(deps, github, document, input.organization);
        const { before, after, ...rest } = plan;
        const approved = (items: PlannedItem[]) =>
          onlyApproved(deps, document, input.run, input.organization, items);
        return {
          before: await approved(before),
          after: await approved(after),
          ...rest,
        };
      }),

    countRemovals: (input) =>
      planning(async () => {
        const { github, document } = await of(input);
        const page = await planPage(github, document, input.organization, input.cursor, settings.batch.page);
        return { removals: page.removals, existing: page.existing, next: page.next };
      }),

    planPage: (input) =>
      planning(async () => {
        const { github, document } = await of(input);
        const page = await planPageAfter(deps, github, document, input.organization, input.cursor);
        await supersedeLetters(deps, input.organization, input.run, page.inSync);
        const { items, skipped, notes, next, read, total, readAt } = page;
        return {
          items: await onlyApproved(deps, document, input.run, input.organization, items),
          inSync: page.inSync.length,
          skipped,
          notes: notes.slice(0, 100),
          next,
          read,
          total,
          readAt,
        };
      }),

    replanItems: (input) =>
      planning(async () => {
        const { github, document } = await of(input);
        const { replanned, readAt } = await replanRepositories(
          github,
          document,
          input.organization,
          input.items.map(({ target }) => target),
        );
        const items = replanned.flatMap(({ planned }) => planned ?? []);
        const names = input.items.map(({ item }) => item);
        await refuseBehind(deps, items, names, readAt);
        const skipped = replanned.flatMap(({ left: reason }, at) =>
          reason === null ? [] : [{ item: names[at] ?? '', reason }],
        );
        const approved = await onlyApproved(deps, document, input.run, input.organization, items);
        return { items: approved, skipped, readAt };
      }),

    planItem: (input) => planning(() => planItem(deps, input)),
  };
}
