import { Mail } from 'lucide-react';
import type { Member } from '@/lib/contract/members';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { SubmitButton } from '../ui/submit-button';
import { Expiry, Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type InvitationTableProps = {
  invitations: { invitation: Member; revocable: boolean }[];
  revoke: (form: FormData) => void | Promise<void>;
};

/** Those who were invited and have not come yet. */
export function InvitationTable({ invitations, revoke }: InvitationTableProps) {
  return (
    <section aria-labelledby="invitations">
      <h2 id="invitations" className="mb-3 font-semibold text-lg tracking-tight">
        Waiting invitations
      </h2>
      <Card>
        <ul className="divide-y">
          {invitations.map(({ invitation: { id, email, role, since, expires_at }, revocable }) => (
            <li key={id} className="flex flex-wrap items-center gap-3 px-4 py-3 sm:px-5">
              <span className="grid size-9 shrink-0 place-items-center rounded-full border bg-surface">
                <Mail aria-hidden className="size-4 text-muted" />
              </span>
              <div className="min-w-0 flex-1 basis-40 text-sm">
                <UntrustedText className="font-medium">{email}</UntrustedText>
                <p className="text-[13px] text-muted">
                  invited <Time value={since} />
                  {expires_at ? (
                    <>
                      , expires <Expiry value={expires_at} />
                    </>
                  ) : null}
                </p>
              </div>
              <Badge tone={role === 'owner' ? 'info' : 'neutral'}>{role}</Badge>
              {revocable ? (
                <form action={revoke}>
                  <input type="hidden" name="id" value={id} />
                  <SubmitButton size="sm" variant="ghost">
                    Take back<span className="sr-only"> the invitation of {email}</span>
                  </SubmitButton>
                </form>
              ) : null}
            </li>
          ))}
        </ul>
      </Card>
    </section>
  );
}
