import { notFound } from 'next/navigation';
import { memberOf } from '../member-of';

/** A mistyped address within a workspace: members keep its navigation, to others there is no such workspace. */
export default async function NoSuchPage({ params }: { params: Promise<{ workspace: string }> }) {
  await memberOf((await params).workspace);
  notFound();
}
