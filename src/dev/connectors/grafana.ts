import { type Reply, type Request, type SimulatedServer, startSimulatedServer } from './server.js';

type Fields = Record<string, unknown>;

export interface SimulatedGrafana extends SimulatedServer {
  /** Each by uid. */
  readonly folders: Map<string, Fields>;
  readonly dashboards: Map<string, { dashboard: Fields; folderUid: string }>;
  readonly rules: Map<string, Fields>;
}

type State = Pick<SimulatedGrafana, 'folders' | 'dashboards' | 'rules'>;
type Body = Readonly<Record<string, unknown>>;

/** Folders, dashboards and alert rules as Grafana's HTTP API keeps them. */
export async function startSimulatedGrafana(token: string): Promise<SimulatedGrafana> {
  const state: State = { folders: new Map(), dashboards: new Map(), rules: new Map() };
  const server = await startSimulatedServer(token, (request) => answer(state, request));
  return Object.assign(server, state);
}

const NOT_FOUND: Reply = { status: 404, body: { message: 'not found' } };

function answer(state: State, { method, path, query, body }: Request): Reply {
  const [, area, uid] =
    /^\/api\/(folders|dashboards\/db|dashboards\/uid|search|v1\/provisioning\/alert-rules)(?:\/([^/]+))?$/.exec(
      path,
    ) ?? [];
  switch (area ?? '') {
    case 'folders':
      return folders(state, method, uid, body);
    case 'dashboards/db':
      return save(state, body);
    case 'dashboards/uid':
      return dashboard(state, method, uid ?? '');
    case 'search':
      return search(state, query.get('folderUIDs') ?? '');
    case 'v1/provisioning/alert-rules':
      return rules(state, method, uid, body);
    default:
      return NOT_FOUND;
  }
}

function folders(state: State, method: string, uid: string | undefined, body: Body): Reply {
  if (method === 'POST') {
    const made = { uid: String(body['uid']), title: String(body['title']), version: 1 };
    const clash = [...state.folders.values()].some(({ title }) => title === made.title);
    if (state.folders.has(made.uid) || clash)
      return {
        status: 409,
        body: { message: 'a folder with the same name already exists in the current location' },
      };
    const folder = { ...made, url: `/dashboards/f/${made.uid}` };
    state.folders.set(made.uid, folder);
    return { status: 200, body: folder };
  }
  if (uid === undefined) return { status: 200, body: [...state.folders.values()] };
  const found = state.folders.get(uid);
  if (found === undefined) return NOT_FOUND;
  if (method === 'PUT')
    Object.assign(found, { title: body['title'] ?? found['title'], version: Number(found['version']) + 1 });
  if (method !== 'DELETE') return { status: 200, body: found };
  if ([...state.rules.values()].some(({ folderUID }) => folderUID === uid))
    return { status: 400, body: { message: 'folder cannot be deleted: folder contains alert rules' } };
  state.folders.delete(uid);
  for (const [key, { folderUid }] of state.dashboards) if (folderUid === uid) state.dashboards.delete(key);
  return { status: 200, body: { message: 'Folder deleted' } };
}

function save(state: State, body: Body): Reply {
  const asked = body['dashboard'] as Fields;
  const [uid, folderUid] = [String(asked['uid']), String(body['folderUid'])];
  if (!state.folders.has(folderUid)) return { status: 400, body: { message: 'folder not found' } };
  const known = state.dashboards.get(uid);
  if (known !== undefined && body['overwrite'] !== true)
    return { status: 412, body: { message: 'A dashboard with the same uid already exists' } };
  const version = Number(known?.dashboard['version'] ?? 0) + 1;
  state.dashboards.set(uid, { dashboard: { ...asked, version }, folderUid });
  return { status: 200, body: { uid, url: `/d/${uid}`, version, status: 'success' } };
}

function dashboard(state: State, method: string, uid: string): Reply {
  const found = state.dashboards.get(uid);
  if (found === undefined) return NOT_FOUND;
  if (method === 'DELETE') state.dashboards.delete(uid);
  const { folderUid } = found;
  return { status: 200, body: { dashboard: found.dashboard, meta: { folderUid, url: `/d/${uid}` } } };
}

function search(state: State, folder: string): Reply {
  const inside = [...state.dashboards].filter(([, { folderUid }]) => folderUid === folder);
  return {
    status: 200,
    body: inside.map(
      ([
        uid,
        {
          dashboard: { title },
        },
      ]) => ({ uid, title }),
    ),
  };
}

function rules(state: State, method: string, uid: string | undefined, body: Body): Reply {
  if (method === 'POST') {
    const key = String(body['uid']);
    if (state.rules.has(key)) return { status: 409, body: { message: 'alert rule uid exists' } };
    if (!state.folders.has(String(body['folderUID'])))
      return { status: 400, body: { message: 'folder does not exist' } };
    const rule = { ...body, updated: new Date().toISOString() };
    state.rules.set(key, rule);
    return { status: 201, body: rule };
  }
  if (uid === undefined) return { status: 200, body: [...state.rules.values()] };
  const found = state.rules.get(uid);
  if (method === 'DELETE') {
    state.rules.delete(uid);
    return { status: 204 };
  }
  return found === undefined ? NOT_FOUND : { status: 200, body: found };
}
