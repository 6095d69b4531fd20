import type { ReactNode } from 'react';
import { Card, CardFooter, CardHeader } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import type { FormAction } from '../ui/submit-button';
import { UntrustedText } from '../ui/untrusted-text';

type RevokeCardProps = {
  credential: { id: string; name: string };
  noun: 'key' | 'rule';
  action: FormAction;
  title: ReactNode;
  /** Says what stops. */
  consequence: string;
  /** The path of the page. */
  path: string;
  /** Whether the page's URL asks to revoke it. */
  isAsked: boolean;
};

/** Revokes an API key or a trust rule, after a dialog. */
export function RevokeCard(props: RevokeCardProps) {
  const { credential, noun, action, title, consequence, path, isAsked } = props;
  return (
    <Card>
      <CardHeader title={title}>
        Ends the {noun} immediately and for good: the next request that needs it is refused.
      </CardHeader>
      <CardFooter>
        <ConfirmDialog
          opener={{ ask: 'revoke', label: `Revoke ${noun}`, size: 'sm', className: 'text-danger' }}
          title={
            <>
              Revoke <UntrustedText>{credential.name}</UntrustedText>?
            </>
          }
          description="This can’t be undone:"
          confirm={`Revoke ${noun}`}
          action={action}
          fields={{ id: credential.id, confirmed: 'yes' }}
          href={path}
          isAsked={isAsked}
        >
          <Consequences>
            <li>{consequence}</li>
            <li>
              A token that was issued before can work until it expires: <strong>at most one hour</strong>.
            </li>
          </Consequences>
        </ConfirmDialog>
      </CardFooter>
    </Card>
  );
}
