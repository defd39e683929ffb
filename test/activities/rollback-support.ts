import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.js';
import { inverseItem } from '../../src/activities/inverse-items.js';
import { RestoreWork } from '../../src/activities/restore-step.js';
import { StepWork } from '../../src/activities/step.js';
import type { Operation } from '../../src/github/operations/operation.js';
import { noteMutation } from '../../src/github/request-count.js';
import { change as changeOf } from '../../src/standards/changes.js';
import { isObject } from '../../src/standards/json.js';
import type { Change, Json, JsonObject } from '../../src/standards/model.js';
import { openStore } from '../../src/store/open.js';
import type { Store } from '../../src/store/store.js';
import type { Done, Undone } from '../../src/transaction/engine.js';
import { anIntent } from '../support/an-intent.js';
import { inActivity, SETTINGS } from './support.js';

/** A store of their own for the tests of a file, on disk. */
export function aStore(): { readonly store: Store; at(now: number): Promise<Store> } {
  let directory: string;
  let store: Store;
  const others: Store[] = [];
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'orgsaga-rollback-'));
    store = await openStore({ directory });
  });
  afterAll(async () => {
    await Promise.all([store, ...others].map((one) => one?.close()));
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    get store() {
      return store;
    },
    /** The same, as somebody with that clock has it. */
    async at(now) {
      const other = await openStore({ directory, now: () => now });
      others.push(other);
      return other;
    },
  };
}

let runs = 0;

/** A run's name that no other test has. */
export const newRun = (): string => `apply-acme-${++runs}`;

/** What GitHub adds to the rules of a value that is written with `rules`, where they do not name it. */
export const ADDED: JsonObject = { github: 'adds' };

function over(found: JsonObject, wanted: JsonObject): JsonObject {
  const [there, named] = [found['rules'], wanted['rules']];
  const rules = isObject(there) && isObject(named) ? { rules: { ...there, ...named } } : {};
  return { ...found, ...wanted, ...rules };
}

/** One value on GitHub that runs change and take back, each step of which works on the same real store. */
export class OneValue {
  readonly writes: Json[] = [];
  /** On its own reads have caught up with every write of the test. */
  readonly clock = { now: Date.now() + 2 * SETTINGS.activity.read_lag };
  /** What others seem to have put into the thing. */
  others: string[] | Error = [];
  /** Whether answers tell what was made of a write, where that may be more. */
  tells = true;
  /** A rule that GitHub leaves out of what is written, without a word. */
  leavesOut: string | null = null;
  /** What the next write does beside, or instead of, taking effect. */
  fault: { error: Error; applied: boolean } | null = null;

  constructor(
    private readonly store: Store,
    public live: Json,
    private readonly shape: Pick<Operation, 'owns' | 'idempotent'> & { adds?: true } = {
      owns: 'whole',
      idempotent: true,
    },
  ) {}

  /** A run's step from what is there to `after`. */
  apply(run: string, after: Json): Promise<Done> {
    return this.work(run, changeOf('settings', 'repository_settings', '', this.live, after));
  }

  /** Takes back in `run` what `of` did; null where that left nothing. */
  async takeBack(run: string, of: string, force = false): Promise<Done | null> {
    const planned = inverseItem(await this.store.recordsOfItem(of, 'acme/api'), force);
    const [change] = planned?.changes ?? [];
    return change === undefined ? null : this.work(run, change);
  }

  work(run: string, change: Change): Promise<Done> {
    return this.step(run, change, (step) => step.do());
  }

  /** Undoes a step as its own run does, by the change that was planned last. */
  undo(run: string, change: Change): Promise<Undone> {
    return this.step(run, change, (step) => step.undo());
  }

  private async step<T>(run: string, change: Change, act: (step: StepWork) => Promise<T>): Promise<T> {
    const { organization, item, actor, target } = anIntent();
    // What is taken back is read when it is written, whatever was known of it before.
    const readAt = change.restore === undefined ? this.clock.now : 0;
    const input = { run, organization, item, actor, target, graphql: true, readAt, change };
    const deps = { store: this.store, settings: SETTINGS, now: () => this.clock.now } as ActivityDeps;
    const context = { github: {} as never, run, content: () => Promise.reject(new Error('no files here')) };
    const Work = change.restore === undefined ? StepWork : RestoreWork;
    const holder = (await this.store.acquireLock(organization, run, run)).granted;
    if (!holder) throw new Error('the lock is taken');
    try {
      return await inActivity(() => act(new Work(deps, this.operation(), context, input)));
    } finally {
      await this.store.releaseLock(organization, run, run);
    }
  }

  private operation(): Operation {
    const { adds, ...shape } = this.shape;
    return {
      kind: 'repository_settings',
      names: { do: 'updateRepositorySettings', undo: 'restoreRepositorySettings' },
      ...shape,
      ...(adds === true ? { over } : {}),
      read: async (_context, _target, change) => structuredClone(this.owned(change)),
      others: async () => {
        if (this.others instanceof Error) throw this.others;
        return this.others;
      },
      write: async (_context, _target, _change, _from, to) => {
        const { fault } = this;
        this.fault = null;
        this.writes.push(to);
        if (fault === null || fault.applied) this.live = structuredClone(this.merged(to));
        if (fault !== null) throw fault.error;
        noteMutation('REQ1', true);
        if (adds === true && this.tells && isObject(this.live)) return structuredClone(this.live);
      },
    };
  }

  /** As GitHub's operations read: of an object with fields, those that the change names. */
  private owned({ before, after }: Change): Json {
    if (this.shape.owns !== 'fields' || ![this.live, before, after].every(isObject)) return this.live;
    const names = Object.keys({ ...(before as JsonObject), ...(after as JsonObject) });
    return Object.fromEntries(names.map((name) => [name, (this.live as JsonObject)[name] ?? null]));
  }

  private taken(rules: JsonObject): JsonObject {
    return Object.fromEntries(Object.entries(rules).filter(([name]) => name !== this.leavesOut));
  }

  /** Fields that a write does not name stay. */
  private merged(to: Json): Json {
    const rules = isObject(to) ? to['rules'] : undefined;
    if (this.shape.adds === true && isObject(to) && isObject(rules))
      return { ...to, rules: { ...ADDED, ...this.taken(rules) } };
    const merges = this.shape.owns === 'fields' && isObject(this.live) && isObject(to);
    return merges ? { ...(this.live as JsonObject), ...to } : to;
  }
}
