import { parseDuration } from '../config/duration.js';
import type { Change } from '../standards/model.js';
import type { OrganizationStandards } from '../standards/schema.js';
import type { MutationRecord } from '../store/store.js';
import { answering, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import type { Activities, OrganizationSummary } from './interface.js';
import { supersedeLetters } from './letters.js';

type RunActivities = Pick<
  Activities,
  | 'openRun'
  | 'acquireLock'
  | 'releaseLock'
  | 'recordOutcomes'
  | 'listItems'
  | 'loadChanges'
  | 'stopRun'
  | 'recordRun'
>;

/** Items of a run that a rollback takes up at a time. */
const ITEMS_AT_ONCE = 100;

/** Activities that touch the store only. */
export function runActivities(deps: ActivityDeps): RunActivities {
  const { store, settings } = deps;
  const recording = <T>(work: () => Promise<T>) => answering(settings, 'do', work);

  return {
    openRun: ({ run, apply }) =>
      recording(async () => {
        const { document, hash, key, actor } = apply;
        if (key !== null) {
          const first = await store.claimRequestKey(key, run, hash);
          if (first.run !== run) {
            const same = first.payloadHash === hash ? 'with the same file' : 'with another file';
            return {
              opened: false as const,
              refusal: 'key' as const,
              reason: `the request key was used by run ${first.run}, ${same}`,
            };
          }
        }
        await store.putDocument(hash, JSON.stringify(document));
        await store.saveRun({
          run,
          organizations: document.organizations.map(({ login }) => login),
          kind: 'apply',
          actor,
          document: hash,
          options: { ...apply.options },
          startedAt: (await store.getRun(run))?.startedAt ?? deps.now(),
          endedAt: null,
          state: 'Planning',
          totals: null,
        });
        return {
          opened: true as const,
          settings,
          organizations: document.organizations.map((organization) => summaryOf(organization, deps)),
        };
      }),

    acquireLock: ({ run, organization, holder }) =>
      recording(async () => {
        const answer = await store.acquireLock(organization, run, holder);
        if (answer.granted) return { granted: true as const };
        if (await deps.isAlive(answer.heldBy)) return { granted: false as const, heldBy: answer.heldBy };
        const taken = await store.takeLock(organization, answer.heldBy, run, holder);
        return taken ? { granted: true as const } : { granted: false as const, heldBy: answer.heldBy };
      }),

    releaseLock: ({ run, organization, holder }) =>
      recording(async () => {
        await store.releaseLock(organization, run, holder);
        return null;
      }),

    recordOutcomes: ({ run, organization, items }) =>
      recording(async () => {
        await Promise.all(
          items.map((item) => store.saveItem({ ...item, run, organization, at: deps.now() })),
        );
        const right = items.filter(({ outcome }) => outcome === 'committed').map(({ item }) => item);
        await supersedeLetters(deps, organization, run, right);
        return null;
      }),

    listItems: ({ run, organization, outcome, after }) =>
      recording(async () => {
        const page = await store.listItems(run, outcome, ITEMS_AT_ONCE, after);
        const items = page.items
          .filter((item) => item.organization.toLowerCase() === organization.toLowerCase())
          .map(({ item, kind, target }) => ({ item, kind, target }));
        return { items, next: page.next };
      }),

    loadChanges: ({ run, item }) =>
      recording(async () => {
        const records = await store.recordsOfItem(run, item);
        const target = records[0]?.target;
        if (target === undefined) {
          throw new StepError(`the store has no journal of ${item} in ${run}`, 'unavailable', 'store', false);
        }
        return { target, changes: startedChanges(records) };
      }),

    stopRun: ({ run }) =>
      recording(async () => {
        await store.stopRun(run);
        return null;
      }),

    recordRun: ({ run, state, totals, ended }) =>
      recording(async () => {
        const known = await store.getRun(run);
        if (known !== null) {
          await store.saveRun({ ...known, state, totals: { ...totals }, endedAt: ended ? deps.now() : null });
        }
        return null;
      }),
  };
}

function summaryOf(organization: OrganizationStandards, { settings }: ActivityDeps): OrganizationSummary {
  const { login, on_failure: onFailure, dead_letter } = organization;
  return {
    login,
    onFailure,
    deadlineMs: parseDuration(dead_letter.deadline ?? '') ?? settings.dead_letter.deadline,
    maxRetries: dead_letter.max_retries ?? settings.dead_letter.max_retries,
    removes: JSON.stringify(organization).includes('absent'),
  };
}

/** Every change whose do was begun, in the order of the steps' first start. */
function startedChanges(records: MutationRecord[]): Change[] {
  const changes = new Map<string, Change>();
  for (const { direction, step, change } of records) {
    if (direction === 'do' && !changes.has(step)) changes.set(step, change);
  }
  return [...changes.values()];
}
