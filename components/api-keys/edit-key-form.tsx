'use client';

import { useActionState } from 'react';
import { CredentialForm, type CredentialFormState } from '../credentials/credential-form';
import { NetworkField } from './network-field';

export type EditKeyState = CredentialFormState & { values: { networks: string } };

type EditKeyFormProps = {
  action: (state: EditKeyState, form: FormData) => Promise<EditKeyState>;
  initial: EditKeyState;
  id: string;
};

/** Asks for changes to a key's name, repositories and networks. */
export function EditKeyForm({ action, initial, id }: EditKeyFormProps) {
  const [state, submit] = useActionState(action, initial);
  return (
    <CredentialForm
      state={state}
      action={submit}
      noun="key"
      submitLabel="Save changes"
      replacesItself
      hidden={{ id }}
    >
      <NetworkField value={state.values.networks} error={state.errors.networks} />
    </CredentialForm>
  );
}
