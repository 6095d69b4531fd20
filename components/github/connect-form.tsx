import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ConnectIntent } from '@/lib/connect/outcomes';
import { type ButtonProps, buttonClasses } from '../ui/button';
import { SubmitButton } from '../ui/submit-button';

type ConnectFormProps = {
  workspace: string;
  /** `link` means that the App is already installed, so the form goes straight to the proof of ownership. */
  intent?: ConnectIntent;
  /**
   * Set when the user comes from GitHub. Anyone can forge this id, so it's only a hint: the server still requires proof
   * of ownership.
   */
  installationId?: number | undefined;
  children: ReactNode;
} & Pick<ButtonProps, 'variant' | 'size'>;

/** A plain form whose response redirects to GitHub, so it needs no JavaScript. */
export function ConnectForm(props: ConnectFormProps) {
  const { workspace, intent = 'install', installationId, children, variant, size } = props;
  return (
    <form method="post" action="/api/github/connect">
      <input type="hidden" name="workspace" value={workspace} />
      {installationId === undefined ? null : (
        <input type="hidden" name="installation_id" value={installationId} />
      )}
      {intent === 'link' ? <input type="hidden" name="intent" value="link" /> : null}
      <SubmitButton variant={variant} size={size}>
        {children}
      </SubmitButton>
    </form>
  );
}

const LABELS: Record<ConnectIntent, string> = { install: 'Install the app', link: 'Link the installation' };

/** Offers an admin a fresh start after a failed attempt. */
export function StartAgain({ workspace, intents }: { workspace: string; intents: readonly ConnectIntent[] }) {
  return intents.map((intent) => (
    <ConnectForm key={intent} workspace={workspace} intent={intent} size="sm">
      {LABELS[intent]}
    </ConnectForm>
  ));
}

/** Links to the organization’s single sign-on page on GitHub. */
export function SignOnLink({ href }: { href: string }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className={buttonClasses({ size: 'sm', variant: 'primary' })}
    >
      Sign in to the organization
      <ExternalLink aria-hidden />
      <span className="sr-only">(opens in a new tab)</span>
    </a>
  );
}
