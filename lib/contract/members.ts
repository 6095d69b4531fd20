import { z } from 'zod';
import { withExample } from './example';
import { Text } from './pagination';

/** Roles, lowest first. Each role includes the privileges of the roles before it. */
export const ROLES = ['member', 'admin', 'owner'] as const;
export const Role = z.enum(ROLES);
export type Role = z.output<typeof Role>;

export const isRole = (text: string): text is Role => Role.safeParse(text).success;

/** True if `role` includes `least`; false if it's lower. */
export function hasRole(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

export const Slug = z
  .string()
  .max(40)
  .regex(/^[a-z0-9](-?[a-z0-9])*$/, { error: 'use lower-case letters, digits and single hyphens' });

/**
 * An email address, validated before it's lower-cased. Otherwise, the Kelvin sign `\u212a` would turn into a `k`, and
 * the result would be another person's address.
 */
export const Email = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email({ error: 'must be an email address' }).toLowerCase());

export const CreateWorkspace = z.strictObject({ slug: Slug, name: z.string().trim().min(1).pipe(Text(80)) });
export type CreateWorkspace = z.output<typeof CreateWorkspace>;

/**
 * Body of `POST …/members`, which invites an email address. Even an existing user becomes a member only by accepting.
 * Otherwise, a stranger could slip a workspace into a user's list and pass it off as that user's own.
 */
export const InviteMember = withExample(z.strictObject({ email: Email, role: Role.default('member') }), {
  email: 'mia@acme.test',
  role: 'member',
});
export type InviteMember = z.output<typeof InviteMember>;

/** Body of `PATCH …/members/{id}`. */
export const ChangeMember = withExample(z.strictObject({ role: Role }), { role: 'admin' });
export type ChangeMember = z.output<typeof ChangeMember>;

/** A member or a pending invitation. `id` is the user's id or the invitation's id, respectively. */
export const Member = withExample(
  z.strictObject({
    id: z.uuid(),
    status: z.enum(['active', 'invited']),
    email: z.string(),
    name: z.string().nullable(),
    role: Role,
    /** When the member joined or was invited. */
    since: z.string(),
    /** When the invitation expires. `null` for a member. */
    expires_at: z.string().nullable(),
  }),
  {
    id: '0197f3a1-8c20-7e55-8d02-a1d3c7b94f22',
    status: 'invited',
    email: 'mia@acme.test',
    name: null,
    role: 'member',
    since: '2026-01-31T09:00:00.000Z',
    expires_at: '2026-02-07T09:00:00.000Z',
  },
);
export type Member = z.output<typeof Member>;

export const MemberParams = z.strictObject({ id: z.uuid() });
