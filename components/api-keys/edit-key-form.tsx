'use client';

import { CredentialForm, type CredentialFormState } from '../credentials/credential-form';
import { useFormAction } from '../ui/form';
import { NetworkField } from './network-field';

export type EditKeyState = CredentialFormState & { values: { networks: string } };

type EditKeyFormProps = {
  action: (state: EditKeyState, form: FormData) => Promise<EditKeyState>;
  initial: EditKeyState;
  id: string;
};

/** Asks for changes to a key's name, repositories and networks. */
export function EditKeyForm({ action, initial, id }: EditKeyFormProps) {
  const [state, submit] = useFormAction(action, initial);
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
