import { Mail } from 'lucide-react';
import type { Member } from '@/lib/contract/members';
import { Badge } from '../ui/badge';
import { NamedRow, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Expiry, Time } from '../ui/time';

type InvitationTableProps = { invitations: { invitation: Member; revocable: boolean }[]; revoke: FormAction };

/** Lists a workspace's pending invitations. */
export function InvitationTable({ invitations, revoke }: InvitationTableProps) {
  return (
    <Section id="invitations" title="Waiting invitations">
      <Rows>
        {invitations.map(({ invitation: { id, email, role, since, expires_at }, revocable }) => (
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
                {expires_at ? (
                  <>
                    , expires <Expiry value={expires_at} />
                  </>
                ) : null}
              </>
            }
          >
            <Badge tone={role === 'owner' ? 'info' : 'neutral'}>{role}</Badge>
            {revocable ? (
              <form action={revoke}>
                <input type="hidden" name="id" value={id} />
                <SubmitButton size="sm" variant="ghost">
                  Take back<span className="sr-only"> the invitation of {email}</span>
                </SubmitButton>
              </form>
            ) : null}
          </NamedRow>
        ))}
      </Rows>
    </Section>
  );
}
