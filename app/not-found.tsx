import type { Metadata } from 'next';
import { MessagePage } from '@/components/errors/message-page';
import { CenteredPage } from '@/components/shell/centered-page';
import { buttonClasses } from '@/components/ui/button';
import { currentUser } from '@/lib/auth/current-user';
import { requestId } from './request';

export const metadata: Metadata = { title: 'Not found' };

/**
 * Shown when a page doesn't exist, or when the user must not learn that it does. The links are plain: every page also
 * loads this page's scripts, and `next/link` would add 3.3 kB.
 */
export default async function NotFound() {
  return (
    <CenteredPage>
      <MessagePage
        code="404"
        title="Page not found"
        requestId={await requestId()}
        actions={
          <>
            <a href="/" className={buttonClasses({ variant: 'primary' })}>
              Go to the start
            </a>
            {(await currentUser()) === null ? (
              <a href="/sign-in" className={buttonClasses()}>
                Sign in
              </a>
            ) : (
              <a href="/sign-out" className={buttonClasses()}>
                Use another account
              </a>
            )}
          </>
        }
      >
        Check the address. If someone sent it to you, ask them for an invitation to their workspace.
      </MessagePage>
    </CenteredPage>
  );
}
