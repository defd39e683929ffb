import { metricMeter, setCurrentDetails, uuid4, workflowInfo } from '@temporalio/workflow';
import type { Differing } from '../activities/drift-interface.js';
import type { RunSettings } from '../config.js';
import type { PageCursor } from '../standards/model.js';
import type { Usage } from '../transaction/answer.js';
import { StepFailed } from '../transaction/failure.js';
import { ask, PERSISTENT, reasonOf } from './ask.js';
import { beginChild } from './begin-child.js';
import { type ApplyInput, type RunState, type RunStatus, WORKFLOWS } from './contract.js';
import type { DriftInput, DriftReport, OrganizationDrift } from './drift-contract.js';
import { MEMO_ORGANIZATIONS, newRunId } from './ids.js';
import { searchAttributesOf } from './search-attributes.js';
import { startUpSettings } from './start-up-settings.js';

/** Items that a report names; the others are counted. */
const MOST_NAMED = 100;

/**
 * One check of a schedule: reads the organisations, says what differs from the file, and where the schedule applies has a run put it right.
 * It holds no lock, and ends when that run is at rest, so that the next check of the schedule is skipped while it works.
 */
export async function drift(input: DriftInput): Promise<DriftReport> {
  const { workflowId: run, startTime } = workflowInfo();
  const { schedule, apply, applies } = input;
  const check = new Check(run, apply);
  const settings = await check.ask('openDrift', { run, schedule, apply }, 'Open the check', PERSISTENT);
  check.settings = settings;
  const organizations: OrganizationDrift[] = [];
  for (const { login } of apply.document.organizations) {
    setCurrentDetails(`Checking ${login}`);
    const found = await check.organization(login);
    organizations.push(found);
    driftGauge().set(found.items, { organization: login });
  }
  const report: DriftReport = {
    schedule,
    checkedAt: startTime.toISOString(),
    organizations,
    items: sumOf(organizations, ({ items }) => items),
    changes: sumOf(organizations, ({ changes }) => changes),
    run: null,
    state: null,
  };
  const applicable = applies && report.items > 0 && organizations.every(({ error }) => error === null);
  if (applicable) Object.assign(report, await check.putRight());
  await check.ask('recordDrift', { run, report }, 'Record what was found', PERSISTENT);
  setCurrentDetails(detailsOf(report));
  return report;
}

class Check {
  settings: RunSettings = startUpSettings;
  private readonly usage: Usage = {};

  constructor(
    private readonly run: string,
    private readonly apply: ApplyInput,
  ) {}

  async organization(login: string): Promise<OrganizationDrift> {
    const found: OrganizationDrift = {
      login,
      repositories: 0,
      items: 0,
      changes: 0,
      named: [],
      error: null,
    };
    const input = { run: this.run, organization: login, graphql: this.apply.options.graphql };
    try {
      const parts = await this.ask('checkOrganization', input, `Check ${login}: settings and teams`);
      add(found, parts);
      if (parts.problems.length > 0) found.error = parts.problems.join('\n');
      let cursor: PageCursor | null = null;
      do {
        const page: Differing & { next: PageCursor | null } = await this.ask(
          'checkPage',
          { ...input, cursor },
          `Check repositories of ${login}`,
        );
        add(found, page);
        cursor = page.next;
      } while (cursor !== null);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      found.error = reasonOf(error);
    }
    return found;
  }

  /** A run like any other, which goes on by itself whatever becomes of the check. */
  async putRight(): Promise<{ run: string; state: RunState | null }> {
    const logins = this.apply.document.organizations.map(({ login }) => login);
    const [first = ''] = logins;
    const run = newRunId('apply', logins, new Date(), uuid4().slice(0, 4));
    await beginChild<(argument: ApplyInput) => Promise<RunStatus>>(WORKFLOWS.apply, {
      workflowId: run,
      typedSearchAttributes: searchAttributesOf('run', first, run, 'Planning'),
      memo: { [MEMO_ORGANIZATIONS]: logins },
      staticSummary: `Apply standards to ${logins.join(', ')}`,
      staticDetails: `Asked by ${this.apply.actor}. Watch: \`orgsaga watch ${run}\`; stop and undo: \`orgsaga cancel ${run}\`.`,
      args: [this.apply],
    });
    setCurrentDetails(`Waiting for run ${run}`);
    return {
      run,
      state: await this.ask('untilAtRest', { run, since: Date.now() }, `Wait for ${run}`, PERSISTENT),
    };
  }

  ask: Ask = (activity, input, summary, retry) =>
    ask(activity, input, {
      summary,
      settings: this.settings,
      usage: this.usage,
      ...(retry === undefined ? {} : { retry }),
    });
}

type Asked = 'openDrift' | 'checkOrganization' | 'checkPage' | 'recordDrift' | 'untilAtRest';
type Ask = <Name extends Asked>(
  activity: Name,
  input: Parameters<typeof ask<Name>>[1],
  summary: string,
  retry?: typeof PERSISTENT,
) => ReturnType<typeof ask<Name>>;

/** Of each organisation, as its newest check found it. */
const driftGauge = () =>
  metricMeter.createGauge(
    'drift_items',
    'int',
    'items',
    'Repositories, teams and settings that differ from the file of a schedule',
  );

function add(found: OrganizationDrift, { items, read }: Differing): void {
  found.repositories += read;
  found.items += items.length;
  found.changes += sumOf(items, ({ changes }) => changes);
  found.named.push(...items.slice(0, MOST_NAMED - found.named.length));
}

const sumOf = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0);

function detailsOf({ organizations, run, state }: DriftReport): string {
  const lines = organizations.map(({ login, items, changes, named, error }) => {
    const what = error ?? (items === 0 ? 'as the file says' : `${items} items differ, by ${changes} changes`);
    return [`- **${login}**: ${what}`, ...named.slice(0, 20).map(({ item }) => `  - ${item}`)].join('\n');
  });
  return [...lines, ...(run === null ? [] : ['', `Put right by \`${run}\` (${state ?? 'gone'})`])].join('\n');
}
