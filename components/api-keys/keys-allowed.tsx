import { Alert } from '../ui/alert';
import { Card, CardFooter, CardHeader } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import { Form } from '../ui/form';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

/** The API keys that stop working when a workspace forbids them. */
export type KeysInForce = {
  count: number;
  /** The most recently used keys, the latest first. */
  used: readonly { id: string; name: string; last_used_at: string }[];
  hasTrustRules: boolean;
};

type KeysAllowedCardProps = {
  inForce: KeysInForce;
  /** Whether the operator trusts an issuer of identity tokens, so that trust rules can be created. */
  hasIssuers: boolean;
  action: FormAction;
  /** The path of the page. */
  path: string;
  /** Whether the page's URL asks to forbid keys. */
  isAsked: boolean;
};

/** Lets an admin forbid API keys in a workspace. */
export function KeysAllowedCard({ inForce, hasIssuers, action, path, isAsked }: KeysAllowedCardProps) {
  return (
    <Card>
      <CardHeader title="Forbid API keys">
        API keys are allowed in this workspace.{' '}
        {hasIssuers
          ? 'Forbid them once your services use trust rules instead: a key that leaks is then worth nothing.'
          : 'Services have no other way to get tokens here: trust rules need an issuer of identity tokens, and the operator has set none.'}
      </CardHeader>
      <CardFooter>
        <ConfirmDialog
          opener={{ ask: 'forbid', label: 'Forbid API keys', size: 'sm', className: 'text-danger' }}
          title="Forbid API keys?"
          description="This takes effect immediately, for every API key of this workspace:"
          confirm="Forbid API keys"
          action={action}
          fields={{ allowed: 'no' }}
          href={path}
          isAsked={isAsked}
        >
          <WhatStops {...inForce} />
        </ConfirmDialog>
      </CardFooter>
    </Card>
  );
}

function WhatStops({ count, used, hasTrustRules }: KeysInForce) {
  return (
    <Consequences>
      <li>
        {count === 0
          ? 'No API key is live, so nothing stops.'
          : `${count === 1 ? 'The one live key is' : `The ${count} live keys are`} refused with 403 forbidden. They are not deleted.`}
      </li>
      {used.length > 0 ? (
        <li>
          Services that stop, as far as we know:
          <ul className="mt-1 grid gap-0.5">
            {used.map(({ id, name, last_used_at }) => (
              <li key={id}>
                <UntrustedText className="font-medium">{name}</UntrustedText>, last used{' '}
                <Time value={last_used_at} />
              </li>
            ))}
          </ul>
        </li>
      ) : null}
      {hasTrustRules ? null : (
        <li>
          <strong>This workspace has no trust rule, so no service can get a token.</strong>
        </li>
      )}
      <li>A token that was issued already can work until it expires, at most one hour from now.</li>
      <li>No one can create or rotate a key. You can allow API keys again at any time.</li>
    </Consequences>
  );
}

/** Says that a workspace forbids API keys. */
export function KeysForbidden({ action, hasIssuers }: { action: FormAction | null; hasIssuers: boolean }) {
  return (
    <Alert
      tone="warning"
      title="API keys are not allowed in this workspace"
      actions={
        action === null ? null : (
          <Form action={action}>
            <input type="hidden" name="allowed" value="yes" />
            <SubmitButton size="sm">Allow API keys again</SubmitButton>
          </Form>
        )
      }
    >
      A request with a key gets <code className="font-mono text-13">403 forbidden</code>.{' '}
      {hasIssuers
        ? 'Services get their tokens by trust rules.'
        : 'Trust rules can’t replace them yet: the operator trusts no issuer of identity tokens. No service can get a token.'}
    </Alert>
  );
}
