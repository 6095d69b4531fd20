import { notFound } from 'next/navigation';
import { memberOf } from '../member-of';

/**
 * Responds to unknown addresses within a workspace. Members get a 404 below the workspace's navigation. For others, the
 * workspace itself does not exist.
 */
export default async function NoSuchPage({ params }: { params: Promise<{ workspace: string }> }) {
  await memberOf((await params).workspace);
  notFound();
}
