import { z } from 'zod';
import { withExample } from './example';
import { GitHubId, GitHubIdParam, Limit, Text } from './pagination';

export const InstallationStatus = z.enum(['active', 'suspended', 'deleted']);
export type InstallationStatus = z.output<typeof InstallationStatus>;

export const Installation = withExample(
  z.strictObject({
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
  }),
  {
    id: 60001,
    account: { id: 30001, login: 'acme', type: 'Organization' },
    status: 'active',
    repository_selection: 'selected',
    repository_count: 2,
    connected_by: 'olivia@acme.test',
    connected_at: '2026-01-30T09:00:00.000Z',
    synced_at: '2026-01-31T08:55:00.000Z',
    suspended_at: null,
    deleted_at: null,
  },
);
export type Installation = z.output<typeof Installation>;

export const Repository = withExample(
  z.strictObject({
    id: GitHubId,
    installation_id: GitHubId,
    full_name: z.string(),
    clone_url: z.string(),
    default_branch: z.string(),
    private: z.boolean(),
    archived: z.boolean(),
  }),
  {
    id: 70001,
    installation_id: 60001,
    full_name: 'acme/api',
    clone_url: 'https://github.example/acme/api.git',
    default_branch: 'main',
    private: true,
    archived: false,
  },
);
export type Repository = z.output<typeof Repository>;

export const RepositoriesQuery = z.strictObject({
  installation_id: GitHubIdParam.optional(),
  q: Text(200).optional(),
  cursor: Text(500).optional(),
  limit: Limit,
});
export type RepositoriesQuery = z.output<typeof RepositoriesQuery>;

export const InstallationPath = z.strictObject({ id: GitHubIdParam });
