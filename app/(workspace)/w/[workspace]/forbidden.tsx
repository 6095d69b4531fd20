import { requestId } from '@/app/request-id';
import { MessagePage } from '@/components/errors/message-page';
import { buttonClasses } from '@/components/ui/button';

/** What members see of a page for admins; the workspace's navigation stays above it. */
export default async function Forbidden() {
  return (
    <MessagePage
      code="403"
      title="This page is for admins"
      requestId={await requestId()}
      actions={
        // A plain link: the scripts of this page are part of every page's first load.
        <a href="/" className={buttonClasses()}>
          Go to the start
        </a>
      }
    >
      You are a member of this workspace. An owner can change your role if you need to see this.
    </MessagePage>
  );
}
