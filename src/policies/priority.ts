/** Temporal's priority keys run from 1, the first, to 5; what nobody sets has 3 (docs.temporal.io, "Task Queue Priority and Fairness"). */
const UNDO_KEY = 2;

/** What undoes goes before what does: it holds locks, and people wait for it. */
export const UNDO_PRIORITY = { priorityKey: UNDO_KEY };

/** Organisations take turns at a task queue, so that a small run is not kept waiting by a large one. A login is far below a key's 64 bytes. */
export const fairnessOf = (organization: string): { fairnessKey: string } => ({
  fairnessKey: organization.toLowerCase(),
});
