import { MonitorSmartphone } from 'lucide-react';
import type { SessionView } from '@/lib/auth/sessions';
import { Badge } from '../ui/badge';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import { Form } from '../ui/form';
import { NamedRow, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Expiry, Time } from '../ui/time';
import { describeBrowser } from './describe-browser';

type SessionListProps = {
  sessions: readonly SessionView[];
  /** The id of the session that this page is shown in. */
  current: string | undefined;
  names: ReadonlyMap<string, string>;
  actions: { endOne: FormAction; signOutEverywhere: FormAction };
  /** The path of the page, and what its URL asks for. */
  path: string;
  asked: string | undefined;
};

/** Lists the user's live sessions, and lets the user end them. */
export function SessionList({ sessions, current, names, actions, path, asked }: SessionListProps) {
  return (
    <Section
      id="sessions"
      title="Sessions"
      about="Each sign-in lasts 12 hours at most. End one you don’t recognize: its next request is refused."
    >
      <div className="grid gap-4">
        {sessions.length === 0 ? (
          <p className="text-muted text-sm">
            Your current sign-in is from before sessions were listed. Sign out everywhere ends it, too.
          </p>
        ) : (
          <Rows>
            {sessions.map(({ id, method, user_agent, client_ip, created_at, seen_at, expires_at }) => (
              <NamedRow
                key={id}
                mark={<MonitorSmartphone aria-hidden className="size-4 shrink-0 text-muted" />}
                name={describeBrowser(user_agent)}
                about={
                  <>
                    {client_ip ? `${client_ip}, ` : ''}
                    {names.get(method) ?? method}, signed in <Time value={created_at} />, last seen{' '}
                    <Time value={seen_at} />, expires <Expiry value={expires_at} />
                  </>
                }
              >
                {id === current ? <Badge tone="info">This session</Badge> : null}
                <Form action={actions.endOne}>
                  <input type="hidden" name="id" value={id} />
                  <SubmitButton size="sm" variant="ghost">
                    End
                    <span className="sr-only">
                      {' '}
                      the session of {describeBrowser(user_agent)}
                      {client_ip ? ` at ${client_ip}` : ''}
                      {id === current ? ', which is this one' : ''}
                    </span>
                  </SubmitButton>
                </Form>
              </NamedRow>
            ))}
          </Rows>
        )}
        <div>
          <ConfirmDialog
            opener={{ ask: 'sign-out', label: 'Sign out everywhere', className: 'text-danger' }}
            title="Sign out everywhere?"
            description="This takes effect immediately, in every browser:"
            confirm="Sign out everywhere"
            action={actions.signOutEverywhere}
            href={path}
            isAsked={asked === 'sign-out'}
          >
            <Consequences>
              <li>Every session ends, this one too. You have to sign in again.</li>
              <li>API keys and trust rules of your workspaces keep working.</li>
            </Consequences>
          </ConfirmDialog>
        </div>
      </div>
    </Section>
  );
}
