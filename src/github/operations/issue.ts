import type { Json, Target } from '../../standards/model.js';
import { issueKey, issueMark } from '../../standards/repository-marker.js';
import { type Fields, isObject, number, object, objects, text, textOrNull } from '../json.js';
import type { Operation, OperationContext } from './operation.js';
import { readTarget, repository } from './target.js';

const ROUTE = '/repos/{owner}/{repo}/issues';

/** The key of a change that closes what was opened twice; its value is a list of issue numbers. */
export const DUPLICATES = '*';

/** GitHub's clock may differ from ours by so much, milliseconds. */
const CLOCK_MS = 10 * 60_000;

/**
 * An issue that this run opens, known by a hidden comment in its body, and by the number that GitHub answered; undo closes it as not planned, and what is done again opens it again. With the key `*`: the
 * issues that a call which came through late has opened a second time; they are closed.
 */
export const issue: Operation = {
  kind: 'issue',
  names: { do: 'openIssue', undo: 'closeIssue' },
  owns: 'whole',
  idempotent: false,
  async read(context, target, { key, after, before }) {
    await readTarget(context, target, {});
    const issues = await ours(context, target);
    if (key === DUPLICATES) return duplicates(issues, context.run).map(numberOf);
    const opened = issues.some((each) => isOf(each, context, key) && each['state'] === 'open');
    return opened ? (after ?? before) : null;
  },
  async write(context, target, { key }, from, to) {
    if (key === DUPLICATES) {
      const numbers = Array.isArray(from) && Array.isArray(to) && to.length === 0 ? from : [];
      for (const each of numbers) await close(context, target, each);
      return;
    }
    const known = (await ours(context, target)).filter((each) => isOf(each, context, key));
    if (to === null) {
      for (const each of known) if (each['state'] === 'open') await close(context, target, numberOf(each));
      return;
    }
    // One that somebody has closed meanwhile was opened all the same.
    if (known.some((each) => each['state_reason'] !== 'not_planned')) return;
    const [oldest] = known;
    // One that this run has closed is the same issue when it comes back: others may have written to it.
    if (oldest === undefined) await open(context, target, key, to);
    else await reopen(context, target, numberOf(oldest));
  },
};

async function open(context: OperationContext, target: Target, key: string, wanted: Json): Promise<void> {
  const { title, body, labels } = isObject(wanted) ? wanted : {};
  const names = Array.isArray(labels) ? labels.map(text) : [];
  const { data } = await context.github.rest(`POST ${ROUTE}`, {
    ...repository(target),
    title: text(title),
    body: `${text(body)}\n\n${issueMark(context.run, key)}`.trimStart(),
    ...(names.length === 0 ? {} : { labels: names }),
  });
  await context.keepIssue?.(number(object(data)['number']));
}

async function reopen({ github }: OperationContext, target: Target, issue_number: Json): Promise<void> {
  await github.rest(`PATCH ${ROUTE}/{issue_number}`, {
    ...repository(target),
    issue_number,
    state: 'open',
    state_reason: 'reopened',
  });
}

async function close({ github }: OperationContext, target: Target, issue_number: Json): Promise<void> {
  await github.rest(`PATCH ${ROUTE}/{issue_number}`, {
    ...repository(target),
    issue_number,
    state: 'closed',
    state_reason: 'not_planned',
  });
}

/** The run's issues, oldest first. */
async function ours({ github, run, startedAt, opened }: OperationContext, target: Target): Promise<Fields[]> {
  const since = startedAt === undefined ? {} : { since: new Date(startedAt - CLOCK_MS).toISOString() };
  const listed = objects(
    await github.list(`GET ${ROUTE}`, { ...repository(target), state: 'all', ...since }),
  );
  return listed
    .filter((each) => each['pull_request'] === undefined)
    .filter((each) => keyOf(each, run) !== null || numberOf(each) === opened)
    .toSorted((left, right) => numberOf(left) - numberOf(right));
}

/** All but the oldest of each key, as far as they are open. */
function duplicates(issues: Fields[], run: string): Fields[] {
  const seen = new Set<string>();
  return issues.filter((each) => {
    const key = keyOf(each, run) ?? '';
    if (seen.has(key)) return each['state'] === 'open';
    seen.add(key);
    return false;
  });
}

const keyOf = (each: Fields, run: string): string | null => issueKey(textOrNull(each['body']), run);
/** By its mark, or by its number where somebody has written another body. */
const isOf = (each: Fields, { run, opened }: OperationContext, key: string): boolean =>
  keyOf(each, run) === encodeURIComponent(key) || numberOf(each) === opened;
const numberOf = (each: Fields): number => number(each['number']);
