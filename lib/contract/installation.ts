import { z } from 'zod';
import { GitHubId, GitHubIdParam, Limit, Text } from './pagination';

export const InstallationStatus = z.enum(['active', 'suspended', 'deleted']);
export type InstallationStatus = z.output<typeof InstallationStatus>;

export const Installation = z.strictObject({
  id: GitHubId,
  account: z.strictObject({ id: GitHubId, login: z.string(), type: z.string() }),
  status: InstallationStatus,
  repository_selection: z.enum(['all', 'selected']),
  repository_count: z.int(),
  connected_by: z.string().nullable(),
  connected_at: z.string().nullable(),
  synced_at: z.string().nullable(),
  suspended_at: z.string().nullable(),
  deleted_at: z.string().nullable(),
});
export type Installation = z.output<typeof Installation>;

export const Repository = z.strictObject({
  id: GitHubId,
  installation_id: GitHubId,
  full_name: z.string(),
  clone_url: z.string(),
  default_branch: z.string(),
  private: z.boolean(),
  archived: z.boolean(),
});
export type Repository = z.output<typeof Repository>;

export const RepositoriesQuery = z.strictObject({
  installation_id: GitHubIdParam.optional(),
  q: Text(200).optional(),
  cursor: Text(500).optional(),
  limit: Limit,
});
export type RepositoriesQuery = z.output<typeof RepositoriesQuery>;

export const InstallationPath = z.strictObject({ id: GitHubIdParam });
