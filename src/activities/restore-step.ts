import { isRefused } from '../github/errors.js';
import { asPlanned, takenBack, unforced } from '../standards/inverse.js';
import { isObject, sameJson } from '../standards/json.js';
import type { Change, Json, Restore } from '../standards/model.js';
import type { Restoration } from '../standards/restore.js';
import { markOf } from '../standards/team-marker.js';
import type { MutationRecord } from '../store/store.js';
import type { Done } from '../transaction/engine.js';
import type { Conflict } from '../transaction/journal.js';
import { owedBy } from './owed-steps.js';
import { StepWork } from './step.js';
import { callsOf, isProved, openOf, owed } from './step-records.js';
import { asWritten, storedOf } from './stored.js';
import { refuseUntaken } from './yet-to-take-back.js';

/**
 * A step of a rollback: its do takes back what a run wrote, judged by the live value at the moment of the write, so that what
 * somebody changed since survives (G6). What it writes is recorded as its own do, and can be taken back in its turn.
 */
export class RestoreWork extends StepWork {
  protected override get planned(): Change {
    return asPlanned(this.input.change);
  }

  protected override async forward(records: MutationRecord[]): Promise<Done> {
    const { change } = this.input;
    const original = await this.originalRecords();
    const [dos, undos] = [openOf(records, 'do'), openOf(records, 'undo')];
    // Whatever may still land would overwrite what is put back now.
    this.own.awaitSettled([...original, ...callsOf(records, 'undo')]);
    const settled = this.own.settledAt(dos) <= this.deps.now();
    const seen = await this.readAfter([...original, ...records]);
    await this.concludeUndos(undos, seen);
    const found = asWritten(this.operation, dos, seen);
    const { to, conflicts } = await this.judgeAll(this.asStored(original, found), found);
    // With force others have to give way, but not what this run itself has yet to take back.
    const removes = this.input.change.after === null && found !== null;
    if (removes && (conflicts.length > 0 || this.restore.force))
      await refuseUntaken(this.deps, this.input, this.restore.of);
    await this.own.refuseHasty(conflicts);
    const nothing = sameJson(to, found) && conflicts.length === 0;
    const left = nothing && (await this.leftover());
    await this.concludeOriginal(original, seen, nothing && !left);
    if (sameJson(to, found) && !left) {
      await this.own.refuseSuperseded(records);
      await this.conclude(dos, isProved(records, 'do') ? 'refused' : 'applied', seen);
      return done(owed(this.operation.owns, records) === null ? 'unchanged' : 'applied', change, conflicts);
    }
    if (!settled && !this.operation.idempotent) this.own.awaitSettled(dos);
    await this.write('do', found, to, records);
    return done('applied', change, conflicts);
  }

  /** What was left is told again: the answer that told it may have been lost. */
  protected override async doneBefore(records: MutationRecord[]): Promise<Done> {
    const wrote = records.findLast(({ direction, outcome }) => direction === 'do' && outcome === 'applied');
    const change = this.asStored(await this.originalRecords(), wrote?.from ?? null);
    return done('applied', change, wrote === undefined ? [] : this.judge(change, wrote.from).conflicts);
  }

  /** The change from what GitHub made of what the run wrote. That may have been found out only when the rollback was planned. */
  private asStored(original: MutationRecord[], found: Json): Change {
    const { change } = this.input;
    const isLate = this.operation.over !== undefined && original.some((record) => record.found);
    const wrote = isLate ? owedBy(original)?.to : undefined;
    return { ...change, before: storedOf(this.operation, wrote ?? change.before, original, found) };
  }

  /** GitHub's spelling of a value may depend on what it is compared with: one that is neither is read in the other way too. */
  protected override async read(as = this.planned): Promise<Json> {
    const { change, target } = this.input;
    const known = (value: Json): boolean => sameJson(value, as.before) || sameJson(value, as.after);
    try {
      const found = await super.read(as);
      if (this.operation.over !== undefined || known(found)) return found;
      const other = await this.operation.read(this.context, target, turned(as));
      return known(other) ? other : found;
    } catch (error) {
      // Settings of a team that has been removed since.
      if (change.kind === 'team_settings' && isRefused(error, 404)) return null;
      throw error;
    }
  }

  private async judgeAll(change: Change, found: Json): Promise<Restoration> {
    const judged = this.judge(change, found);
    if (!this.restore.force) return this.unlessOccupied(judged, change.before, found);
    if (judged.to !== null || found === null) return judged;
    // What GitHub would remove along is nobody's to force: no step would bring it back.
    const { target } = this.input;
    const changed = (await this.operation.takesAlong?.(this.context, target, this.planned)) ?? [];
    if (changed.length === 0) return judged;
    const conflict = {
      field: '',
      before: null,
      wrote: change.before,
      found: { changed },
      stays: true,
    } as const;
    return { to: found, conflicts: [conflict] };
  }

  private judge(change: Change, found: Json): Restoration {
    // Before the run there was no such team, and there is none now.
    if (found === null && isFreshTeam(change)) return { to: found, conflicts: [] };
    // What others have put into a repository or a proposal's branch cannot be brought back: it is deleted by hand or not at all.
    const isTheirs = change.kind === 'repository' || (isObject(found) && 'changed' in found);
    if (!isTheirs) return takenBack(this.operation.owns, change, found);
    const { to, conflicts } = takenBack(this.operation.owns, unforced(change), found);
    return { to, conflicts: conflicts.map((conflict) => ({ ...conflict, stays: true })) };
  }

  private get restore(): Restore {
    const { restore, step } = this.input.change;
    if (restore === undefined) throw new Error(`${step} restores nothing`);
    return restore;
  }

  private originalRecords(): Promise<MutationRecord[]> {
    return this.own.recordsIn(this.restore.of);
  }

  /** What became of calls of the run whose answers were lost, now that they cannot land any more. */
  private async concludeOriginal(records: MutationRecord[], found: Json, nothing: boolean): Promise<void> {
    const none = isProved(records, 'do') || nothing;
    await this.concludeUndos(openOf(records, 'undo'), found);
    await this.conclude(openOf(records, 'do'), none ? 'refused' : 'applied', found);
  }
}

/** Whether a team's settings go back to those with which the run had just made it. */
function isFreshTeam({ kind, after, restore }: Change): boolean {
  if (kind !== 'team_settings' || after === null || typeof after !== 'object' || Array.isArray(after))
    return false;
  return typeof after['description'] === 'string' && markOf(after['description']) === restore?.origin;
}

const turned = (change: Change): Change => ({ ...change, before: change.after, after: change.before });

function done(effect: Done['effect'], { step }: Change, conflicts: Omit<Conflict, 'step'>[]): Done {
  return conflicts.length === 0
    ? { effect }
    : { effect, conflicts: conflicts.map((conflict) => ({ ...conflict, step })) };
}
