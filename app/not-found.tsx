import type { Metadata } from 'next';
import { MessagePage } from '@/components/errors/message-page';
import { CenteredPage } from '@/components/shell/centered-page';
import { ButtonLink } from '@/components/ui/button-link';
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
            <ButtonLink variant="primary" href="/">
              Go to the start
            </ButtonLink>
            <ButtonLink href="/sign-out" prefetch={false}>
              Use another account
            </ButtonLink>
          </>
        }
      >
        Check the address. If somebody sent it to you, ask for an invitation to their workspace.
      </MessagePage>
    </CenteredPage>
  );
}
