'use client';

import { CredentialForm, type CredentialFormState } from '../credentials/credential-form';
import { Expiries, type ExpiryChoice } from '../credentials/expiries';
import { useFormAction } from '../ui/form';
import { ClaimsField } from './claims-field';

export type EditRuleState = CredentialFormState & { values: { claims: string; expiry: string } };

type EditRuleFormProps = {
  action: (state: EditRuleState, form: FormData) => Promise<EditRuleState>;
  initial: EditRuleState;
  id: string;
  expiries: readonly ExpiryChoice[];
  /** False if a claim's value can't be written on a line, so only the API can change the claims. */
  canEditClaims: boolean;
};

/** Asks for changes to a rule. Issuer and subject stay as they are: another subject is another rule. */
export function EditRuleForm({ action, initial, id, expiries, canEditClaims }: EditRuleFormProps) {
  const [state, submit] = useFormAction(action, initial);
  const { values, errors } = state;
  const claims = canEditClaims ? (
    <ClaimsField
      value={values.claims}
      error={errors.claims}
      hint="Each must be in the token with exactly this value: one name=value a line."
    />
  ) : null;
  return (
    <CredentialForm
      state={state}
      action={submit}
      noun="rule"
      submitLabel="Save changes"
      replacesItself
      hidden={{ id }}
      above={claims}
    >
      <Expiries expiries={expiries} chosen={values.expiry} />
    </CredentialForm>
  );
}
