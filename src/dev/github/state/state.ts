import { Buffer } from 'node:buffer';
import { notFound } from '../errors.js';
import type { Journal, Place } from '../journal.js';
import type { DriftOptions } from './drift.js';
import type { App, Entity, Organization, Repository, Team, User } from './model.js';

const PREFIX: Record<Entity['kind'], string> = {
  User: 'U_kgDO',
  App: 'A_kgDO',
  OrganizationInvitation: 'OI_kgDO',
  Organization: 'O_kgDO',
  Team: 'T_kwDO',
  Repository: 'R_kgDO',
  Ref: 'REF_kwDO',
  Label: 'LA_kwDO',
  Issue: 'I_kwDO',
  PullRequest: 'PR_kwDO',
  IssueComment: 'IC_kwDO',
  Hook: 'HK_kwDO',
  BranchProtectionRule: 'BPR_kwDO',
  RepositoryRuleset: 'RRS_kwDO',
  RepositoryRule: 'RRU_kwDO',
};

/** Who writes, and on behalf of which request: what every change of the state is recorded under. */
export interface Writer {
  readonly state: State;
  /** The user behind the token; null for an app's token. */
  readonly actor: User | null;
  record(kind: string, place: Place, before: unknown, after: unknown): void;
}

export const fold = (name: string): string => name.toLowerCase();

/** Everything the simulated GitHub knows. Numeric ids and node ids are never used twice. */
export class State {
  readonly organizations = new Map<string, Organization>();
  readonly users = new Map<string, User>();
  readonly apps = new Map<string, App>();
  readonly nodes = new Map<string, Entity>();
  readonly repositoriesById = new Map<number, Repository>();
  /** Tokens that were given out to app installations. */
  readonly issuedTokens = new Set<string>();
  #lastId = 1000;

  constructor(
    readonly journal: Journal,
    readonly now: () => number,
    private readonly operations: {
      drift(state: State, organization: string, options: DriftOptions): number;
      dump(state: State): Record<string, unknown>;
      dumpOrganization(organization: Organization): Record<string, unknown>;
    },
  ) {}

  /** The time as GitHub prints it: UTC, whole seconds. */
  timestamp(): string {
    return `${new Date(this.now()).toISOString().slice(0, 19)}Z`;
  }

  identify(kind: Entity['kind']): { id: number; node_id: string } {
    const id = ++this.#lastId;
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(id);
    return { id, node_id: PREFIX[kind] + bytes.toString('base64url') };
  }

  register<T extends Entity>(entity: T): T {
    this.nodes.set(entity.node_id, entity);
    return entity;
  }

  user(login: string): User {
    const user = this.users.get(fold(login));
    if (user === undefined) throw notFound();
    return user;
  }

  addUser(login: string): User {
    const known = this.users.get(fold(login));
    if (known !== undefined) return known;
    const user = this.register<User>({ kind: 'User', ...this.identify('User'), login });
    this.users.set(fold(login), user);
    return user;
  }

  addApp(slug: string): App {
    const known = this.apps.get(slug);
    if (known !== undefined) return known;
    const app = this.register<App>({ kind: 'App', ...this.identify('App'), slug });
    this.apps.set(slug, app);
    return app;
  }

  organization(login: string): Organization {
    const organization = this.organizations.get(fold(login));
    if (organization === undefined) throw notFound();
    return organization;
  }

  /** The repository of that present name. Throws 404; former names are not looked at. */
  repository(owner: string, name: string): Repository {
    const repository = this.organization(owner).repositories.get(fold(name));
    if (repository === undefined) throw notFound();
    return repository;
  }

  /** The repository that bore this name once, if it is still there under another. */
  renamed(owner: string, name: string): Repository | undefined {
    const organization = this.organizations.get(fold(owner));
    const repository = organization?.redirects.get(fold(name));
    return repository && this.repositoriesById.has(repository.id) ? repository : undefined;
  }

  team(organization: string, slug: string): Team {
    const team = this.organization(organization).teams.get(slug);
    if (team === undefined) throw notFound();
    return team;
  }

  writer(request: number | null, actor: User | null, foreign = false): Writer {
    const { journal } = this;
    return {
      state: this,
      actor,
      record: (kind, place, before, after) =>
        journal.effect({ request, foreign, kind, ...place, before, after }),
    };
  }

  /** Changes settings of an organisation by hand, as someone else would; the journal marks them foreign. */
  drift(organization: string, options: DriftOptions): number {
    return this.operations.drift(this, organization, options);
  }

  /** The whole state as plain JSON values, by names. */
  dump(): Record<string, unknown> {
    return this.operations.dump(this);
  }

  /** One organisation of {@link dump}. */
  dumpOrganization(login: string): Record<string, unknown> {
    return this.operations.dumpOrganization(this.organization(login));
  }

  clear(): void {
    for (const map of [this.organizations, this.users, this.apps, this.nodes, this.repositoriesById])
      map.clear();
    this.issuedTokens.clear();
    this.#lastId = 1000;
  }
}

/** Where an effect on a repository happened; `part` names what of it. */
export function placeOf(repository: Repository, part?: string): Place {
  const organization = repository.organization.login;
  const name = `${organization}/${repository.name}`;
  return { organization, repository: name, target: part === undefined ? name : `${name}/${part}` };
}

/** Repositories by name, case folded: the one order of all lists sorted by name. */
export function byName(owner: {
  sorted: Repository[] | null;
  repositories: Map<unknown, unknown>;
  kind: string;
}): Repository[] {
  if (owner.sorted !== null) return owner.sorted;
  const all = (
    owner.kind === 'Team' ? owner.repositories.keys() : owner.repositories.values()
  ) as Iterable<Repository>;
  const sorted = [...all].toSorted((a, b) => (fold(a.name) < fold(b.name) ? -1 : 1));
  owner.sorted = sorted;
  return sorted;
}

/** Must be called when a repository came, went or got another name. */
export function namesChanged(organization: Organization): void {
  organization.sorted = null;
  for (const team of organization.teams.values()) team.sorted = null;
}
