import { MessagePage } from '@/components/errors/message-page';
import { ButtonLink } from '@/components/ui/button-link';
import { Section } from './section';

const REQUEST_ID = '6b1d9c54-0c0e-4d3e-9f49-3a0cf3f6d0aa';

export function ErrorStates() {
  return (
    <>
      <Section name="Not found">
        <MessagePage
          code="404"
          title="There is nothing here"
          requestId={REQUEST_ID}
          actions={<ButtonLink href="/">Go to the start</ButtonLink>}
        >
          This workspace has no such page, or what it showed is gone. Check the address, or choose from the
          navigation.
        </MessagePage>
      </Section>
      <Section name="Forbidden">
        <MessagePage
          code="403"
          title="This page is for admins"
          requestId={REQUEST_ID}
          actions={
            <>
              <ButtonLink variant="primary" href="/">
                See who they are
              </ButtonLink>
              <ButtonLink href="/">Go to the start</ButtonLink>
            </>
          }
        >
          You are a member of this workspace. An owner or an admin can change your role if you need to see
          this.
        </MessagePage>
      </Section>
      <Section name="Offline">
        <MessagePage
          code="Offline"
          title="You are offline"
          actions={<ButtonLink href="/">Try again</ButtonLink>}
        >
          This page needs the network. Check your connection and try again.
        </MessagePage>
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
