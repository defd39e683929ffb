import { Context } from '@temporalio/activity';
import { parseDuration } from '../config/duration.js';
import { type ItemKind, itemKey, nameOfKey } from '../standards/item-key.js';
import type { Change } from '../standards/model.js';
import type { OrganizationStandards } from '../standards/schema.js';
import type { ItemOutcome, MutationRecord } from '../store/store.js';
import type { RunState, Totals } from '../workflows/contract.js';
import { rollbackNumber } from '../workflows/ids.js';
import { answering, StepError } from './answering.js';
import type { ActivityDeps } from './deps.js';
import type { Activities, LockGranted, OpenedRun, OrganizationSummary, StoredItem } from './interface.js';
import { supersedeLetters } from './letters.js';
import { owedOf } from './owed-steps.js';
import { mayLand, settledAt } from './step-records.js';

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

/** What may owe an undo. */
const OWING: readonly ItemOutcome[] = ['committed', 'deadLettered', 'superseded'];

/** Items that are undone in one history, which has some five events for each. */
const ITEMS_AT_ONCE = 200;

/** Activities that touch the store only. */
export function runActivities(deps: ActivityDeps): RunActivities {
  const { store, settings } = deps;
  const recording = <T>(work: () => Promise<T>) => answering(settings, 'do', work);

  return {
    openRun: ({ run, apply }) =>
      recording(async () => {
        const { document, hash, key, actor } = apply;
        if (key !== null) {
          const claimed = await claim(deps, key, run, hash);
          if (claimed !== null) return claimed;
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
        if (answer.granted) return granted(deps, organization, run);
        if (await deps.isAlive(answer.heldBy)) return { granted: false as const, heldBy: answer.heldBy };
        const { heldBy, fence } = answer;
        const taken = await store.takeLock(organization, { run: heldBy, fence }, run, holder);
        return taken ? granted(deps, organization, run) : { granted: false as const, heldBy };
      }),

    releaseLock: ({ run, organization, holder }) =>
      recording(async () => {
        await store.releaseLock(organization, run, holder);
        return null;
      }),

    recordOutcomes: ({ run, organization, items }) =>
      recording(async () => {
        const keyed = items.map((item) => ({ ...item, item: itemKey(item.kind, item.item) }));
        await store.saveItems(keyed.map((item) => ({ ...item, run, organization, at: deps.now() })));
        const right = keyed.filter(({ outcome }) => outcome === 'committed').map(({ item }) => item);
        const { kind, options } = (await store.getRun(run)) ?? {};
        const { of = '' } = (options ?? {}) as { of?: string };
        // What a rollback has put back is what earlier rollbacks of its run wanted, and no other run.
        const wantedSame = (other: string): boolean => kind !== 'rollback' || rollbackNumber(of, other) > 0;
        await supersedeLetters(deps, organization, run, right, wantedSame);
        return null;
      }),

    listItems: ({ run, organization, outcome, after }) =>
      recording(async () => {
        const outcomes: readonly ItemOutcome[] = outcome === 'owing' ? OWING : [outcome];
        const page = await store.listItems(run, outcomes, ITEMS_AT_ONCE, after);
        const items: StoredItem[] = [];
        for (const { item, kind, target, organization: login, outcome: recorded } of page.items) {
          if (login.toLowerCase() !== organization.toLowerCase()) continue;
          // One that another run has made right is a dead letter of its own run to the end.
          const was = recorded === 'committed' ? recorded : 'deadLettered';
          // A dead letter has undone itself as a rule; not where somebody ended its workflow, or it kept its finished steps.
          if (
            outcome === 'owing' &&
            was === 'deadLettered' &&
            owedOf(await store.recordsOfItem(run, item)).length === 0
          )
            continue;
          items.push({ item: nameOfKey(item), kind, target, was });
        }
        return { items, next: page.next };
      }),

    loadChanges: ({ run, item, kind, owing = false }) =>
      recording(async () => {
        const records = await journalOf(deps, run, item, kind);
        const target = records[0]?.target ?? null;
        // Of a run that the store knows it has every record: an item without one found all as wanted, or left it to others.
        if (target === null && (await store.getRun(run)) === null) {
          throw new StepError(`the store has no journal of ${item} in ${run}`, 'unavailable', 'store', false);
        }
        return { target, changes: startedChanges(owing ? owedOf(records) : records) };
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

/** The lock keeps other runs from sending; what they had sent and lost before may come through all the same. */
async function granted(
  { store, settings, now }: Pick<ActivityDeps, 'store' | 'settings' | 'now'>,
  organization: string,
  run: string,
): Promise<LockGranted> {
  const { settle, start_to_close } = settings.activity;
  const lost = mayLand(await store.lostCalls(organization, run, now() - start_to_close - settle));
  const until = (record: MutationRecord): number => settledAt([record], settings.activity);
  const last = lost.toSorted((left, right) => until(left) - until(right)).at(-1);
  const forMs = last === undefined ? 0 : until(last) - now();
  return { granted: true, ...(last === undefined || forMs <= 0 ? {} : { late: { run: last.run, forMs } }) };
}

/**
 * Claims the request key for this execution of the run. Temporal knows a run until its retention ends, the store for good: so
 * the same run id may come again, and only who claimed first is let through.
 */
export async function claim(
  { store }: Pick<ActivityDeps, 'store'>,
  key: string,
  run: string,
  hash: string,
): Promise<Exclude<OpenedRun, { opened: true }> | null> {
  const { runId } = Context.current().info.workflowExecution ?? {};
  const first = await store.claimRequestKey(key, `${run} ${runId}`, hash);
  if (first.run === `${run} ${runId}` || first.run === run) return null;
  const [before = ''] = first.run.split(' ');
  const said = `the request key was used by run ${before}`;
  if (first.payloadHash !== hash)
    return { opened: false, refusal: 'key', reason: `${said}, with another file` };
  const record = await store.getRun(before);
  // One that was refused before it began anything has not used its key up.
  if (record?.state === 'Refused' && (await store.touchedOrganizations(before)).length === 0) {
    const now = await store.passRequestKey(key, first.run, `${run} ${runId}`);
    if (now === `${run} ${runId}`) return null;
  }
  const { state, totals, endedAt = null } = record ?? {};
  if (endedAt === null || !state || !totals)
    return {
      opened: false,
      refusal: 'key',
      reason: `${said}, with the same file; how it ended is not known`,
    };
  const ended = new Date(endedAt).toISOString();
  return {
    opened: 'before',
    state: state as RunState,
    totals: totals as unknown as Totals,
    reason: `${said}, which ended ${state} at ${ended}; nothing was done again`,
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
    approval: organization.approval === 'required',
  };
}

/** Asked without a kind by the release before keys: then it is whichever item of that name the run has a journal of. */
async function journalOf(
  { store }: Pick<ActivityDeps, 'store'>,
  run: string,
  item: string,
  kind: ItemKind | undefined,
): Promise<MutationRecord[]> {
  if (kind !== undefined) return store.recordsOfItem(run, itemKey(kind, item));
  const repository = await store.recordsOfItem(run, item);
  return repository.length > 0 ? repository : store.recordsOfItem(run, itemKey('organization', item));
}

/** Every change whose do was begun, in the order of the steps' first start. */
function startedChanges(records: MutationRecord[]): Change[] {
  const changes = new Map<string, Change>();
  for (const { direction, step, change } of records) {
    if (direction === 'do' && !changes.has(step)) changes.set(step, change);
  }
  return [...changes.values()];
}
