import type { PendingConfirmation } from '@/lib/connect/approvals';
import { CopyButton } from '../ui/copy-button';
import { Form } from '../ui/form';
import { Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Expiry } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type PendingConfirmationsProps = { confirmations: PendingConfirmation[]; dismiss: FormAction };

/** Lists connections that an owner of the account has yet to confirm, each with the link to send to that owner. */
export function PendingConfirmations({ confirmations, dismiss }: PendingConfirmationsProps) {
  return (
    <Section
      id="confirmations"
      title="An owner has to confirm"
      about="Send the link to an owner of the account, or to an admin of every shared repository. It works once."
    >
      <Rows>
        {confirmations.map(({ attempt_id, account_login, requested_by, expires_at, link }) => (
          <li key={attempt_id} className="grid gap-3 px-4 py-3 text-sm">
            <div className="min-w-0">
              <UntrustedText className="font-medium">{account_login}</UntrustedText>
              <p className="wrap-anywhere text-13 text-muted">
                Pending, asked by <UntrustedText>{requested_by}</UntrustedText>, expires{' '}
                <Expiry value={expires_at} />
              </p>
            </div>
            <p className="wrap-anywhere rounded-md border bg-surface px-3 py-2 font-mono text-13">{link}</p>
            <div className="flex flex-wrap gap-2">
              <CopyButton
                value={`Please confirm that our workspace may connect the GitHub account ${account_login}: ${link}`}
                label="message"
                withText
              />
              <Form action={dismiss}>
                <input type="hidden" name="attempt_id" value={attempt_id} />
                <SubmitButton size="sm" variant="ghost">
                  Dismiss<span className="sr-only"> the confirmation for {account_login}</span>
                </SubmitButton>
              </Form>
            </div>
          </li>
        ))}
      </Rows>
    </Section>
  );
}
