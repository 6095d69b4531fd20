import { ButtonLink } from '../ui/button-link';
import { MessagePage } from './message-page';

type ForbiddenPageProps = {
  /** What may not be seen: "The audit log". */
  what: string;
  /** Who may. */
  who: string;
  backHref: string;
  requestId: string | null;
};

export function ForbiddenPage({ what, who, backHref, requestId }: ForbiddenPageProps) {
  return (
    <MessagePage
      code="403"
      title={`${what} is for ${who}`}
      requestId={requestId}
      actions={<ButtonLink href={backHref}>Back to GitHub settings</ButtonLink>}
    >
      You are a member of this workspace. An owner can change your role if you need to see this.
    </MessagePage>
  );
}
