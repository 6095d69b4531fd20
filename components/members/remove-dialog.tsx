import type { Member } from '@/lib/contract/members';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import { type Kept, KeptFields } from '../ui/kept-fields';
import { Link } from '../ui/link';
import type { FormAction } from '../ui/submit-button';

type RemoveDialogProps = {
  member: Member;
  isReader: boolean;
  /** Whether live keys, rules or connections exist that the member created. */
  hasCreated: boolean;
  action: FormAction;
  /** The URL of the page without the dialog. A member's page is at `${basePath}/${id}`. */
  href: string;
  kept: Kept;
  basePath: string;
};

/** Asks before a member is removed. The page shows it for the member whom its URL names. */
export function RemoveDialog(props: RemoveDialogProps) {
  const { member, isReader, hasCreated, action, href, kept, basePath } = props;
  return (
    <ConfirmDialog
      key={member.id}
      title={
        <>
          Remove <bdi>{member.email}</bdi>?
        </>
      }
      description="This takes effect immediately:"
      confirm="Remove from the workspace"
      action={action}
      fields={{ id: member.id }}
      href={href}
      isAsked
    >
      <KeptFields kept={kept} />
      <Consequences>
        <li>
          {isReader ? 'You' : 'They'} lose access with the next request, and need a new invitation to come
          back.
        </li>
        <li>Invitations to them, and those they sent as an admin or owner, end.</li>
        {hasCreated ? (
          <li>
            Keys and rules they created keep working.{' '}
            <Link
              href={`${basePath}/${member.id}`}
              className="whitespace-nowrap text-accent underline underline-offset-4"
            >
              See which
            </Link>
          </li>
        ) : null}
      </Consequences>
    </ConfirmDialog>
  );
}
