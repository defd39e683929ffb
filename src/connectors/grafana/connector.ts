import type { Json } from '../../standards/model.js';
import { type ConnectorContext, defineConnector, type LeftAlone } from '../connector.js';
import { count, type Fields, fields, list, nameOf, text } from '../fields.js';
import type { ConnectorAnswer } from '../http.js';
import { alertBody, dashboardBody, idsOf } from './bodies.js';
import { changedAlert, changedDashboard } from './changed.js';
import { type Options, options } from './options.js';

type Monitoring = {
  folder_uid: string;
  /** The folder's version when it was made; 0 where nobody looked at once. */
  folder_version: number;
  dashboard_uid: string;
  dashboard_url: string;
  alert_uid: string;
  /** When the rule was made, by Grafana's clock; empty where nobody looked at once, or Grafana does not say. */
  alert_updated: string;
};

const RULES = '/api/v1/provisioning/alert-rules';

/** A folder with a dashboard and an alert rule in it, by Grafana's HTTP API; taken away in reverse. */
export const grafana = defineConnector<Options, Monitoring>({
  name: 'grafana',
  description: 'a Grafana folder with a dashboard and an alert rule',
  options,
  address: { variable: 'GRAFANA_URL' },
  credentials: [['GRAFANA_TOKEN', 'GRAFANA_SERVICE_ACCOUNT_TOKEN']],
  // The ids are ours, so Grafana makes nothing twice.
  idempotent: true,

  async forward(context, asked, before) {
    const ids = idsOf(context.key);
    const there = await look(context);
    if (there.folder === null)
      await send(context, 'POST', '/api/folders', { uid: ids.folder, title: folderTitle(context, asked) });
    if (there.dashboard === null)
      await send(context, 'POST', '/api/dashboards/db', {
        ...dashboardBody(asked, ids),
        message: `orgsaga run ${context.run}`,
      });
    if (there.alert === null) await send(context, 'POST', RULES, alertBody(asked, ids), EDITABLE);
    const now = await look(context);
    // What was there already may have been changed by somebody, and left for that: its state now is not what we made.
    return {
      ...resultOf(context, now),
      folder_version: there.folder === null ? count(now.folder?.['version']) : (before?.folder_version ?? 0),
      alert_updated: there.alert === null ? text(now.alert?.['updated']) : (before?.alert_updated ?? ''),
    };
  },

  async inspect(context, asked) {
    const there = await look(context);
    const missing = Object.entries(there).flatMap(([part, found]) => (found === null ? [part] : []));
    if (missing.length === 0) return { state: 'ours', result: resultOf(context, there) };
    if (missing.length < Object.keys(there).length)
      return { state: 'partial', what: `without ${missing.join(' and ')}` };
    const title = folderTitle(context, asked);
    const other = await folderNamed(context, title);
    if (other === null) return { state: 'absent' };
    return { state: 'foreign', what: `a folder ${JSON.stringify(title)} (uid ${text(other['uid'])})` };
  },

  async compensate(context, asked, result) {
    const ids = idsOf(context.key);
    const there = await look(context);
    const conflicts: LeftAlone[] = [];
    if (there.alert !== null) {
      const left = changedAlert(alertBody(asked, ids), there.alert, result?.alert_updated ?? '');
      if (left.length === 0) await send(context, 'DELETE', `${RULES}/${ids.alert}`, undefined, EDITABLE);
      conflicts.push(...left);
    }
    if (there.dashboard !== null) {
      const left = changedDashboard(dashboardBody(asked, ids), there.dashboard);
      if (left.length === 0) await send(context, 'DELETE', `/api/dashboards/uid/${ids.dashboard}`);
      conflicts.push(...left);
    }
    if (there.folder !== null) {
      const left = folderChanges(there.folder, folderTitle(context, asked), result?.folder_version ?? 0);
      const others = await contentsOf(context, ids.folder);
      if (others.length > 0) left.push(changed(`folder ${text(there.folder['title'])}`, [], others));
      if (left.length === 0) await send(context, 'DELETE', `/api/folders/${ids.folder}`);
      conflicts.push(...left);
    }
    return { conflicts };
  },
});

/** Else nobody could change the rule in Grafana's own pages. */
const EDITABLE = { 'x-disable-provenance': 'true' };

/** Folders that are looked through for one of that title: as many as Grafana gives at once. */
const MOST_FOLDERS = 1_000;

interface There {
  folder: Fields | null;
  dashboard: Fields | null;
  alert: Fields | null;
}

const changed = (field: string, wrote: Json, found: Json): LeftAlone => ({ field, wrote, found });

/** What somebody has made of the folder itself: another title, or a later version than it was made with. */
function folderChanges(folder: Fields, title: string, madeAs: number): LeftAlone[] {
  const [now, version] = [text(folder['title']), count(folder['version'])];
  const first = madeAs === 0 ? 1 : madeAs;
  if (now !== title) return [changed(`folder ${now}: title`, title, now)];
  return version > first ? [changed(`folder ${now}`, `version ${first}`, `version ${version}`)] : [];
}

const folderTitle = ({ repository }: ConnectorContext, { folder }: Options): string =>
  folder ?? nameOf(repository);

/** A 404 to a DELETE, or to a read, says that it is gone. */
function send(
  context: ConnectorContext,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: Json,
  headers: Readonly<Record<string, string>> = {},
): Promise<ConnectorAnswer> {
  return context.http.send({
    method,
    path,
    headers: { authorization: `Bearer ${context.credential('GRAFANA_TOKEN')}`, ...headers },
    ...(body === undefined ? {} : { body }),
    ...(method === 'POST' ? {} : { accept: [404] }),
  });
}

async function look(context: ConnectorContext): Promise<There> {
  const ids = idsOf(context.key);
  const get = async (path: string): Promise<Fields | null> => {
    const { status, data } = await send(context, 'GET', path);
    return status === 404 ? null : fields(data);
  };
  // One by one: while a circuit breaker is half open it lets one through at a time.
  return {
    folder: await get(`/api/folders/${ids.folder}`),
    dashboard: await get(`/api/dashboards/uid/${ids.dashboard}`),
    alert: await get(`${RULES}/${ids.alert}`),
  };
}

async function folderNamed(context: ConnectorContext, title: string): Promise<Fields | null> {
  const { data } = await send(context, 'GET', `/api/folders?limit=${MOST_FOLDERS}`);
  return list(data).find((folder) => text(folder['title']).toLowerCase() === title.toLowerCase()) ?? null;
}

/** Titles of what is in a folder; Grafana would delete it with the folder. */
async function contentsOf(context: ConnectorContext, folder: string): Promise<string[]> {
  const boards = await send(context, 'GET', `/api/search?folderUIDs=${folder}&limit=100`);
  const rules = await send(context, 'GET', RULES);
  return [
    ...list(boards.data).filter((each) => each['uid'] !== folder),
    ...list(rules.data).filter((rule) => rule['folderUID'] === folder),
  ].map(({ title }) => text(title));
}

/** What a look tells; of when and by whom it was last changed it tells nothing that is ours. */
function resultOf({ key, http }: ConnectorContext, { dashboard }: There): Monitoring {
  const ids = idsOf(key);
  const url = text(fields(dashboard?.['meta'])['url']);
  return {
    folder_uid: ids.folder,
    folder_version: 0,
    dashboard_uid: ids.dashboard,
    dashboard_url: url === '' ? '' : `${http.address}${url}`,
    alert_uid: ids.alert,
    alert_updated: '',
  };
}
