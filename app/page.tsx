import { redirect } from 'next/navigation';
import { currentVerifiedEmail, requireUser } from '@/lib/auth/current-user';
import { listUserWorkspaces } from '@/lib/workspace/members';

/** Redirects to sign-in, to the user's first workspace, or to the page for creating one. */
export default async function StartPage() {
  const user = await requireUser();
  const { workspaces } = await listUserWorkspaces(user.id, await currentVerifiedEmail());
  const first = workspaces[0];
  redirect(first === undefined ? '/new' : `/w/${first.slug}/settings/github`);
}
