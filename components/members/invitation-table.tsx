import { Mail } from 'lucide-react';
import type { Member } from '@/lib/contract/members';
import { Badge } from '../ui/badge';
import { buttonClasses } from '../ui/button';
import { CopyButton } from '../ui/copy-button';
import { NamedRow, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Expiry, Time } from '../ui/time';
import { invitationMail, invitationMessage } from './invitation-message';
import { ROLE_NAMES } from './role-select';

type InvitationTableProps = {
  workspace: string;
  invitations: { invitation: Member; manageable: boolean; link: string | undefined }[];
  /** The id of the invitation whose link is shown unfolded, because it was just made. */
  newest: string | undefined;
  actions: { revoke: FormAction; renew: FormAction };
};

/** Lists a workspace's pending invitations, each with its link for those who may manage it. */
export function InvitationTable({ workspace, invitations, newest, actions }: InvitationTableProps) {
  return (
    <Section
      id="invitations"
      title="Pending invitations"
      about="Each link works for its address only, until it expires."
    >
      <Rows>
        {invitations.map(
          ({ invitation: { id, email, role, since, expires_at: expires }, manageable, link }) => (
            <NamedRow
              key={id}
              mark={
                <span className="grid size-9 shrink-0 place-items-center rounded-full border bg-surface">
                  <Mail aria-hidden className="size-4 text-muted" />
                </span>
              }
              name={email}
              about={
                <>
                  invited <Time value={since} />
                  {expires ? (
                    <>
                      , expires <Expiry value={expires} />
                    </>
                  ) : null}
                </>
              }
            >
              <Badge tone={role === 'owner' ? 'info' : 'neutral'}>{ROLE_NAMES[role]}</Badge>
              {manageable ? (
                <>
                  <form action={actions.renew}>
                    <input type="hidden" name="id" value={id} />
                    <SubmitButton size="sm" variant="ghost">
                      New link<span className="sr-only"> for {email}</span>
                    </SubmitButton>
                  </form>
                  <form action={actions.revoke}>
                    <input type="hidden" name="id" value={id} />
                    <SubmitButton size="sm" variant="ghost">
                      Revoke<span className="sr-only"> the invitation of {email}</span>
                    </SubmitButton>
                  </form>
                  {link && expires ? (
                    <Share
                      invited={{ workspace, email, role, expiresAt: expires, link }}
                      unfolded={id === newest}
                    />
                  ) : null}
                </>
              ) : null}
            </NamedRow>
          ),
        )}
      </Rows>
    </Section>
  );
}

type ShareProps = { invited: Parameters<typeof invitationMail>[0]; unfolded: boolean };

function Share({ invited, unfolded }: ShareProps) {
  const { email, link } = invited;
  return (
    <details open={unfolded} className="basis-full text-sm">
      <summary className="w-fit rounded-md py-1 text-accent underline underline-offset-4">
        Share the link<span className="sr-only"> with {email}</span>
      </summary>
      <p className="wrap-anywhere mt-2 rounded-md border bg-surface px-3 py-2 font-mono text-[13px]">
        {link}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <CopyButton value={link} label="link" withText />
        <CopyButton value={invitationMessage(invited)} label="message" withText />
        <a href={invitationMail(invited)} className={buttonClasses({ size: 'sm' })}>
          <Mail aria-hidden />
          Write an email<span className="sr-only"> to {email}</span>
        </a>
      </div>
    </details>
  );
}
