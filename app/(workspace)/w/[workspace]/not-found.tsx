import type { Metadata } from 'next';
import { requestId } from '@/app/request';
import { MessagePage } from '@/components/errors/message-page';
import { buttonClasses } from '@/components/ui/button';
import { workspacePath } from './member-of';

export const metadata: Metadata = { title: 'Not found' };

/** Stands in place of a page or a key that does not exist, below the workspace's navigation. */
export default async function NotFound() {
  return (
    <MessagePage
      code="404"
      title="There is nothing here"
      requestId={await requestId()}
      actions={
        // A plain link, because the scripts of this page are part of every page's first load.
        <a href={await workspacePath()} className={buttonClasses()}>
          Go to the start
        </a>
      }
    >
      This workspace has no such page, or what it showed is gone. Check the address, or choose from the
      navigation.
    </MessagePage>
  );
}
