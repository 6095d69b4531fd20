import { z } from 'zod';
import { withExample } from './example';
import { GitHubId } from './pagination';

/** GitHub's limit on the number of `repository_ids` for one installation token. */
export const MAX_REPOSITORIES_PER_TOKEN = 500;

/** The permissions of every token the app returns. No token has more. */
export const TOKEN_PERMISSIONS = { contents: 'read', metadata: 'read' } as const;

const RepositoryName = z.string().regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/, {
  error: 'must be "owner/name" or a repository id',
});

/** Repositories by name or id, as many as fit into one token. */
export const NamedRepositories = z
  .array(z.union([RepositoryName, GitHubId], { error: 'must be "owner/name" or a repository id' }))
  .min(1, { error: 'name at least one repository, or leave the field out' })
  .max(MAX_REPOSITORIES_PER_TOKEN, {
    error: `GitHub scopes a token to at most ${MAX_REPOSITORIES_PER_TOKEN} repositories`,
  });

/** Body of both mint endpoints. Every field is optional. Unknown fields are rejected. */
export const MintRequest = withExample(
  z.strictObject({
    installation_id: GitHubId.optional().describe(
      'Optional. Default: the installation that shares the named repositories or the API key’s repositories, or the workspace’s only active installation. Otherwise installation_ambiguous, whose errors name the candidates.',
    ),
    repositories: NamedRepositories.optional().describe(
      '"owner/name" or GitHub’s id. Default: every repository the caller may read.',
    ),
    verify: z
      .boolean()
      .optional()
      .describe(
        'Wait up to 6 s until GitHub accepts the token. If it doesn’t, the token is revoked and github_unavailable is returned.',
      ),
  }),
  { repositories: ['acme/api'], verify: true },
);
export type MintRequest = z.output<typeof MintRequest>;

export const MintResponse = withExample(
  z.strictObject({
    token: z.string(),
    expires_at: z.string(),
    installation_id: GitHubId,
    account: z.strictObject({ login: z.string(), type: z.string() }),
    permissions: z.strictObject({ contents: z.literal('read'), metadata: z.literal('read') }),
    repository_selection: z.enum(['all', 'selected']),
    repositories: z
      .array(
        z.strictObject({
          id: GitHubId,
          full_name: z.string(),
          clone_url: z.string(),
          default_branch: z.string(),
        }),
      )
      .optional(),
  }),
  {
    token: 'ghs_…',
    expires_at: '2026-01-31T10:00:00Z',
    installation_id: 60001,
    account: { login: 'acme', type: 'Organization' },
    permissions: { contents: 'read', metadata: 'read' },
    repository_selection: 'selected',
    repositories: [
      {
        id: 70001,
        full_name: 'acme/api',
        clone_url: 'https://github.example/acme/api.git',
        default_branch: 'main',
      },
    ],
  },
);
export type MintResponse = z.output<typeof MintResponse>;
