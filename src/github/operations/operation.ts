import type { Change, ChangeKind, Json, JsonObject, Target } from '../../standards/model.js';
import type { GitHubClient } from '../client.js';
import type { Absent } from './absent.js';
import type { MadeRepository } from './made-repository.js';

/** What an operation is given: the client of the organisation's token, and how to get at what the run brought along. */
export interface OperationContext {
  github: GitHubClient;
  /** The run, for markers that prove what is ours. */
  run: string;
  /** The bytes of a file that came with the run, by its `from`. */
  content(from: string): Promise<Buffer>;
  /** The repository that the run made, as it was; null where it made none, or nobody has seen it since. */
  made?: MadeRepository | null;
  /** Whether the run made the repository so lately that a 404 is no answer yet. */
  isNew?: boolean;
  /** Where the target's repository has left the organisation, or it or the team is gone. */
  absent?: Absent;
  /** The id of the team that a plan or a saga means, for what goes forward; where it is not known, or not there yet, its slug counts. */
  team?: number;
  /** The change's key by now, where its team has another slug. */
  key?: string;
  /** Keeps the id that GitHub gave to the team that the step makes. */
  keepTeam?(id: number): Promise<void>;
  /**
   * GraphQL's ids of apps that the rules of the repository named, by GitHub's number: what is put back may name them when no rule does any
   * more. Kept by step.
   */
  apps?: { kept(): Promise<JsonObject>; keep(ids: JsonObject): Promise<void> };
  /** Of an issue that a step has opened, its number; null where that is not known. */
  opened?: number | null;
  /** Keeps the number that GitHub gave to the issue that the step opens. */
  keepIssue?(number: number): Promise<void>;
  /** For what takes something back, the run that first did it: what has become of that since is looked for then alone. */
  takesBack?: string;
  /** Whether the write is to go by itself: what the plan has seen was another, and has been looked at anew. */
  alone?: boolean;
  /** When the run began, epoch milliseconds; for lists that may be long. */
  startedAt?: number;
}

/**
 * How one kind of change is read and written. The do of a step writes `after`, its undo writes `before`: both are
 * the same `write`, so they cannot drift apart.
 */
export interface Operation {
  kind: ChangeKind;
  /** The activity types that a person reads in the Web UI. */
  names: { do: string; undo: string };
  /**
   * How much of the value belongs to the change:
   * `whole` value; `fields` of an object, each for itself; members of a `set` (an array).
   */
  owns: 'whole' | 'fields' | 'set';
  /**
   * Whether writing the same value twice has the effect of once (PUT, PATCH, DELETE). Where false, an unknown
   * outcome is waited for and looked up before any repeat.
   */
  idempotent: boolean;
  /** The live value, all of it, in the form of `before` and `after`; null where there is none. Never from a cache. */
  read(context: OperationContext, target: Target, change: Change): Promise<Json>;
  /**
   * What has to be written over what is there, so that it holds all that is wanted and keeps what is not named: what is there itself
   * where it does. For values to which GitHub adds by itself; without it, a value holds exactly what was written.
   */
  over?: (found: JsonObject, wanted: JsonObject) => JsonObject;
  /**
   * Whether it is read before it is written, however young the plan: where a plan shows less of the value than `read`, and where a write by
   * its repository's name could go to another that has the name by now, and nothing in GitHub's answer would tell.
   */
  looksFirst?: (change: Change) => boolean;
  /**
   * Whether an earlier try left something of ours behind that is neither `before` nor `after`, so that `read` does not
   * show it. A `write` of the live value over itself removes it.
   * @throws GitHubError
   */
  leftover?(context: OperationContext, target: Target, change: Change): Promise<boolean>;
  /**
   * What others have put into a thing that a run made: a rollback does not remove it with that. In words for a person.
   * @throws GitHubError
   */
  others?(context: OperationContext, target: Target, change: Change): Promise<string[]>;
  /**
   * What else GitHub would remove with the value, which a do is to leave to steps of their own. In words for a person.
   * @throws GitHubError
   */
  takesAlong?(context: OperationContext, target: Target, change: Change): Promise<string[]>;
  /**
   * Makes `to` the live value, `from` being what is there. One effect on GitHub.
   * @returns what GitHub says it has made of it, in the form of `read`, where it may have added to it
   * @throws GitHubError
   */
  write(
    context: OperationContext,
    target: Target,
    change: Change,
    from: Json,
    to: Json,
  ): Promise<JsonObject | void>;
}
