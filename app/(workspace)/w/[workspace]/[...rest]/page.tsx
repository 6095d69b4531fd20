import type { Metadata } from 'next';
import { answerNotFound } from '@/app/request';
import { memberOf } from '../member-of';
import NotFound from '../not-found';

export const metadata: Metadata = { title: 'Not found' };

/**
 * Responds to unknown URLs within a workspace. Members get a 404 with the workspace's navigation above it. Other users
 * get the same 404 as for a workspace that doesn't exist, so they can't tell whether this one does.
 */
export default async function NoSuchPage({ params }: { params: Promise<{ workspace: string }> }) {
  await memberOf((await params).workspace);
  await answerNotFound();
  return <NotFound />;
}
