import { notFound } from 'next/navigation';
import { memberOf } from '../member-of';

/**
 * Answers an unknown address within a workspace. Members keep its navigation; for others the workspace does not
 * exist.
 */
export default async function NoSuchPage({ params }: { params: Promise<{ workspace: string }> }) {
  await memberOf((await params).workspace);
  notFound();
}
