import type { Metadata } from 'next';
import { requestId } from '@/app/request';
import { MessagePage } from '@/components/errors/message-page';
import { buttonClasses } from '@/components/ui/button';
import { workspacePath } from './member-of';

export const metadata: Metadata = { title: 'Not found' };

/** Shown within the workspace's navigation when a page or an API key doesn't exist. */
export default async function NotFound() {
  return (
    <MessagePage
      code="404"
      title="Page not found"
      requestId={await requestId()}
      actions={
        // A plain link, because every page's first load includes this page's scripts, and `next/link` would enlarge
        // them.
        <a href={await workspacePath()} className={buttonClasses()}>
          Back to workspace
        </a>
      }
    >
      This page doesn’t exist in this workspace, or was removed. Check the address, or use the navigation.
    </MessagePage>
  );
}
