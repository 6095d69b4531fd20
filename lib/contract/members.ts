import { z } from 'zod';

/** Lowest first: a role may do what the roles before it may. */
export const ROLES = ['member', 'admin', 'owner'] as const;
export const Role = z.enum(ROLES);
export type Role = z.output<typeof Role>;

export const Slug = z
  .string()
  .max(40)
  .regex(/^[a-z0-9](-?[a-z0-9])*$/, { error: 'use lower-case letters, digits and single hyphens' });

export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email({ error: 'must be an e-mail address' }));

export const CreateWorkspace = z.strictObject({ slug: Slug, name: z.string().trim().min(1).max(80) });
export type CreateWorkspace = z.output<typeof CreateWorkspace>;
