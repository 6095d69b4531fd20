import { redirect } from 'next/navigation';
import { memberOf } from '../member-of';

export default async function SettingsPage({ params }: { params: Promise<{ workspace: string }> }) {
  const { workspace } = await memberOf((await params).workspace);
  redirect(`/w/${workspace.slug}/settings/github`);
}
