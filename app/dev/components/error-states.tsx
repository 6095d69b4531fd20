import { ForbiddenPage } from '@/components/errors/forbidden-page';
import { MessagePage } from '@/components/errors/message-page';
import { ButtonLink } from '@/components/ui/button-link';
import { Section } from './section';

const REQUEST_ID = '6b1d9c54-0c0e-4d3e-9f49-3a0cf3f6d0aa';

export function ErrorStates() {
  return (
    <>
      <Section name="Forbidden">
        <ForbiddenPage what="The audit log" who="admins" backHref="/" requestId={REQUEST_ID} />
      </Section>
      <Section name="Error">
        <MessagePage
          code="500"
          title="Something went wrong on our side"
          requestId={REQUEST_ID}
          actions={
            <ButtonLink variant="primary" href="/">
              Go to the start
            </ButtonLink>
          }
        >
          Nothing was changed by this page. Try again in a moment; if it lasts, send us the id below.
        </MessagePage>
      </Section>
    </>
  );
}
