'use client';

import type { ReactNode } from 'react';
import { CredentialForm, type CredentialFormState } from '../credentials/credential-form';
import { Expiries, type ExpiryChoice } from '../credentials/expiries';
import { useFormAction } from '../ui/form';
import { NetworkField } from './network-field';
import { NewKey, type NewKeyView } from './new-key';

export type CreateKeyState = CredentialFormState & {
  created: NewKeyView | null;
  values: { networks: string; expiry: string };
};

type CreateKeyFormProps = {
  action: (state: CreateKeyState, form: FormData) => Promise<CreateKeyState>;
  initial: CreateKeyState;
  expiries: readonly ExpiryChoice[];
  notice: ReactNode;
  doneHref: string;
};

/** Asks for a new key's name, repositories, networks and expiry. */
export function CreateKeyForm({ action, initial, expiries, notice, doneHref }: CreateKeyFormProps) {
  const [state, submit] = useFormAction(action, initial);
  const { created, values, errors } = state;
  if (created) return <NewKey created={created} notice={notice} doneHref={doneHref} />;
  return (
    <CredentialForm
      state={state}
      action={submit}
      noun="key"
      submitLabel="Create API key"
      hidden={{}}
      name={{ hint: 'The service that will use this key.', placeholder: 'analysis-engine' }}
    >
      <NetworkField value={values.networks} error={errors.networks} />
      <Expiries expiries={expiries} chosen={values.expiry} />
    </CredentialForm>
  );
}
