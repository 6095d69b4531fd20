import { notFound } from 'next/navigation';
import { memberOf } from '../member-of';

/**
 * Responds to unknown URLs within a workspace. Members get a 404 below the workspace's navigation. Everyone else gets
 * the 404 for a workspace that does not exist.
 */
export default async function NoSuchPage({ params }: { params: Promise<{ workspace: string }> }) {
  await memberOf((await params).workspace);
  notFound();
}
