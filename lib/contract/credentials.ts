/** Defines the fields that API keys and trust rules share. Both let a service mint tokens for a workspace. */
import { z } from 'zod';
import { GitHubId } from './pagination';

/** How long before its expiry a key or rule is shown as expiring, so that there is time to replace it. */
export const EXPIRY_WARNING_DAYS = 14;

/** The fields of an API key and of a trust rule that mean the same in both. */
export const CREDENTIAL_FIELDS = {
  id: z.uuid(),
  name: z.string(),
  /**
   * The repositories that may be read, or `null` if all may. `full_name` is `null` for a repository that is no longer
   * stored.
   */
  repositories: z.array(z.strictObject({ id: GitHubId, full_name: z.string().nullable() })).nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
  /** The creator's email address, or `null` if the operator or a deleted user is the creator. */
  created_by: z.string().nullable(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
  /** The client address of the use at `last_used_at`. Uses in the following minute are not noted. */
  last_used_ip: z.string().nullable(),
  revoked_at: z.string().nullable(),
};

/** An API key or a trust rule, without its own fields. */
export type Credential = {
  [Field in keyof typeof CREDENTIAL_FIELDS]: z.output<(typeof CREDENTIAL_FIELDS)[Field]>;
};
