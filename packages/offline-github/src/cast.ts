import type { State } from './state/store';
import type { Account, RepositoryRole } from './state/types';

const person = (id: number, login: string, name: string) => ({
  id,
  login,
  name,
  email: `${login}@example.test`,
});

/** The people that a fresh offline GitHub starts with. */
export const CAST = {
  /** Owner of acme. */
  olivia: person(20001, 'olivia', 'Olivia Owner'),
  /** Member of acme who reads all repositories and administers none. */
  mona: person(20002, 'mona', 'Mona Member'),
  /** Member of acme who administers acme/api only. */
  rahul: person(20003, 'rahul', 'Rahul Repoadmin'),
  /** Owner of globex, a stranger to acme. */
  eve: person(20004, 'eve', 'Eve Elsewhere'),
  /** Owner of acme, of initech and of personal repositories. */
  sam: person(20005, 'sam', 'Sam Several'),
  /**
   * Owner of Acme-Labs. Her login, the organization and its repositories have capitals, dots, dashes and underscores in
   * their names, all of which GitHub allows.
   */
  'Nadia-K': person(20006, 'Nadia-K', 'Nadia Names'),
} as const;

export type PersonLogin = keyof typeof CAST;

interface OrganizationSeed {
  id: number;
  login: string;
  name: string;
  owners: readonly PersonLogin[];
  members: readonly PersonLogin[];
  repositories: readonly string[];
}

export const ORGANIZATIONS: readonly OrganizationSeed[] = [
  {
    id: 30001,
    login: 'acme',
    name: 'Acme Corporation',
    owners: ['olivia', 'sam'],
    members: ['mona', 'rahul'],
    repositories: ['api', 'web', 'infra'],
  },
  {
    id: 30002,
    login: 'globex',
    name: 'Globex',
    owners: ['eve'],
    members: [],
    repositories: ['reactor', 'website'],
  },
  {
    id: 30003,
    login: 'initech',
    name: 'Initech',
    owners: ['sam'],
    members: [],
    repositories: ['tps-reports'],
  },
  {
    id: 30004,
    login: 'Acme-Labs',
    name: 'Acme Labs',
    owners: ['Nadia-K'],
    members: [],
    repositories: ['.github', 'site.example', 'Snake_Case-Repo', 'API.git-mirror'],
  },
];

const PERSONAL_REPOSITORIES: Partial<Record<PersonLogin, readonly string[]>> = { sam: ['dotfiles', 'notes'] };
const COLLABORATORS: readonly [fullName: string, login: PersonLogin, role: RepositoryRole][] = [
  ['acme/api', 'rahul', 'admin'],
];

/** Fills an empty store with the people, organizations and repositories above. Sends no webhooks. */
export function seedCast(state: State, at: number): void {
  const people = new Map<string, Account>();
  for (const seed of Object.values(CAST))
    people.set(seed.login, state.addAccount({ type: 'User', ...seed }, at));
  const idOf = (login: PersonLogin): number => CAST[login].id;
  for (const seed of ORGANIZATIONS) {
    const { id, login, name } = seed;
    const organization = state.addAccount({ type: 'Organization', id, login, name }, at);
    for (const owner of seed.owners) organization.members.set(idOf(owner), 'owner');
    for (const member of seed.members) organization.members.set(idOf(member), 'member');
    for (const repository of seed.repositories)
      state.addRepository({ owner: organization, name: repository, at });
  }
  for (const [login, names] of Object.entries(PERSONAL_REPOSITORIES)) {
    const owner = people.get(login);
    if (owner) for (const name of names) state.addRepository({ owner, name, at });
  }
  for (const [fullName, login, role] of COLLABORATORS) {
    const repository = state.repositoryByName(fullName);
    if (repository) repository.collaborators = new Map([[idOf(login), role]]);
  }
}
