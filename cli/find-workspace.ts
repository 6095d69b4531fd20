import { getDb } from '../lib/db/client';
import { UsageError } from './command';

/**
 * Finds a workspace by its slug.
 *
 * @throws {UsageError} if no workspace has this slug
 */
export async function findWorkspace(slug: string): Promise<{ id: string; slug: string }> {
  const workspace = await getDb().workspace.findUnique({ where: { slug }, select: { id: true, slug: true } });
  if (workspace === null) throw new UsageError(`there is no workspace "${slug}"`);
  return workspace;
}
