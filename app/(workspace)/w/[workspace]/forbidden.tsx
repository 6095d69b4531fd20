import { requestId } from '@/app/request';
import { MessagePage } from '@/components/errors/message-page';
import { buttonClasses } from '@/components/ui/button';
import { workspacePath } from './member-of';

/** Shown within the workspace's navigation to members whose role doesn't give them access to the page. */
export default async function Forbidden() {
  const workspace = await workspacePath();
  return (
    <MessagePage
      code="403"
      title="This page is for admins"
      requestId={await requestId()}
      actions={
        // Plain links, because every page's first load includes this page's scripts, and `next/link` would enlarge
        // them.
        <>
          <a href={`${workspace}/settings/members`} className={buttonClasses({ variant: 'primary' })}>
            View admins
          </a>
          <a href={workspace} className={buttonClasses()}>
            Back to workspace
          </a>
        </>
      }
    >
      You’re a member of this workspace. Ask an owner or admin to change your role if you need access.
    </MessagePage>
  );
}
