import type { ReactNode } from 'react';
import type { ButtonProps } from '../ui/button';
import { SubmitButton } from '../ui/submit-button';

type ConnectFormProps = {
  workspace: string;
  /** `link`: the App is installed already, so go straight to the proof of ownership. */
  intent?: 'install' | 'link';
  /** Known when somebody comes from GitHub; only a hint, the server asks for proof. */
  installationId?: number | undefined;
  children: ReactNode;
  className?: string;
} & Pick<ButtonProps, 'variant' | 'size'>;

/** A plain form post that leaves for GitHub; needs no JavaScript. */
export function ConnectForm({
  workspace,
  intent = 'install',
  installationId,
  children,
  className,
  variant,
  size,
}: ConnectFormProps) {
  return (
    <form method="post" action="/api/github/connect" className={className}>
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
