import type { Permissions } from '../settings';

export type AccountType = 'User' | 'Organization';
export type RepositorySelection = 'all' | 'selected';
/**
 * A person's role in a repository.
 * https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories
 */
export type RepositoryRole = 'admin' | 'maintain' | 'push' | 'triage' | 'pull';
export type OrganizationRole = 'owner' | 'member';

export interface Account {
  readonly id: number;
  readonly nodeId: string;
  readonly type: AccountType;
  login: string;
  name: string;
  email: string | null;
  readonly createdAt: number;
  /** Organizations only: user id → role. */
  readonly members: Map<number, OrganizationRole>;
  /** Organizations only: the role that each member has on every repository. GitHub's default is `pull`. */
  basePermission: RepositoryRole | 'none';
}

export interface Repository {
  readonly id: number;
  readonly nodeId: string;
  ownerId: number;
  name: string;
  private: boolean;
  archived: boolean;
  defaultBranch: string;
  branches: string[];
  description: string | null;
  readonly createdAt: number;
  updatedAt: number;
  pushedAt: number;
  /** The full name at creation. The git content is derived from this name, so a rename does not change the content. */
  readonly contentSeed: string;
  /** Collaborators of this repository: user id → role. */
  collaborators: Map<number, RepositoryRole> | null;
}

export interface Installation {
  readonly id: number;
  readonly nodeId: string;
  readonly accountId: number;
  selection: RepositorySelection;
  /** Used only if `selection` is `selected`. */
  readonly repositoryIds: Set<number>;
  permissions: Permissions;
  events: string[];
  readonly createdAt: number;
  updatedAt: number;
  suspendedAt: number | null;
  suspendedById: number | null;
  readonly installedById: number;
  readonly requesterId: number | null;
}

export interface InstallationRequest {
  readonly id: number;
  readonly nodeId: string;
  readonly accountId: number;
  readonly requesterId: number;
  readonly createdAt: number;
}

/** Thrown for an unknown name or id, or for a step that GitHub's rules forbid. */
export class ActionError extends Error {
  override name = 'ActionError';
}
