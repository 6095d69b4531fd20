import { Mail } from 'lucide-react';
import { Card } from '../ui/card';
import { SubmitButton } from '../ui/submit-button';
import { Expiry } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

export type WaitingInvitation = { id: string; workspace: string; role: string; expires_at: string };

type InvitationListProps = {
  invitations: WaitingInvitation[];
  accept: (form: FormData) => void | Promise<void>;
};

export function InvitationList({ invitations, accept }: InvitationListProps) {
  return (
    <section aria-labelledby="invitations">
      <h2 id="invitations" className="mb-2 font-medium text-sm">
        Invitations for you
      </h2>
      <Card>
        <ul className="divide-y">
          {invitations.map(({ id, workspace, role, expires_at }) => (
            <li key={id} className="flex items-center gap-3 px-4 py-3">
              <Mail aria-hidden className="size-4 shrink-0 text-muted" />
              <div className="min-w-0 flex-1 text-sm">
                <UntrustedText className="font-medium">{workspace}</UntrustedText>
                <p className="text-[13px] text-muted">
                  as {role}, expires <Expiry value={expires_at} />
                </p>
              </div>
              <form action={accept}>
                <input type="hidden" name="invitation_id" value={id} />
                <SubmitButton size="sm" variant="primary">
                  Join<span className="sr-only"> {workspace}</span>
                </SubmitButton>
              </form>
            </li>
          ))}
        </ul>
      </Card>
    </section>
  );
}
