/** The worker's workflow bundle: everything exported here is a workflow type. */
export { apply } from './apply.js';
export { compensateItem } from './compensate.js';
export { drift } from './drift.js';
export { applyItem } from './item.js';
export { itemsPage } from './items-page.js';
export { applyPage } from './page.js';
export { rollbackPage } from './rollback-page.js';
export { rollback } from './rollback-run.js';
export { saga } from './saga.js';
export { undoPage } from './undo-page.js';
