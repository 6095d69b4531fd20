import type { Metadata } from 'next';
import Link from 'next/link';
import { MessagePage } from '@/components/errors/message-page';
import { CenteredPage } from '@/components/shell/centered-page';
import { Button } from '@/components/ui/button';
import { requestId } from './request-id';

export const metadata: Metadata = { title: 'Not found' };

/** The same for what does not exist and for what the reader may not know of. */
export default async function NotFound() {
  return (
    <CenteredPage>
      <MessagePage
        code="404"
        title="There is nothing here, or nothing that you may see"
        requestId={await requestId()}
        actions={
          <>
            <Button asChild variant="primary">
              <Link href="/">Go to the start</Link>
            </Button>
            <Button asChild>
              <Link href="/sign-out" prefetch={false}>
                Use another account
              </Link>
            </Button>
          </>
        }
      >
        Check the address. If somebody sent it to you, ask for an invitation to their workspace.
      </MessagePage>
    </CenteredPage>
  );
}
