'use client';

import { useActionState } from 'react';
import { type RepositoryChoices, RepositoryScope } from '../repositories/repository-scope';
import { controlProps, Field, FormProblem, Input, Textarea } from '../ui/field';
import { SubmitButton } from '../ui/submit-button';
import { errorSentence } from './error-sentence';
import { Expiries, type ExpiryChoice } from './expiries';

export type EditRuleState = RepositoryChoices & {
  values: { name: string; claims: string; scope: string; expiry: string; q: string };
  errors: Partial<Record<string, string>>;
  problem: string | null;
};

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
  const [{ values, choices, more, errors, problem }, submit] = useActionState(action, initial);
  return (
    <form action={submit} className="group grid grid-cols-1 gap-6">
      <input type="hidden" name="id" value={id} />
      <Field id="name" label="Name" error={errors.name && 'Give the rule a name of at most 80 characters.'}>
        <Input
          {...controlProps('name', { error: errors.name })}
          name="name"
          defaultValue={values.name}
          required
          maxLength={80}
          autoComplete="off"
        />
      </Field>
      {canEditClaims ? (
        <Field
          id="claims"
          label="Further claims"
          hint="Each must be in the token with exactly this value: one name=value a line."
          error={errorSentence('A claim', errors.claims)}
        >
          <Textarea
            {...controlProps('claims', { hint: true, error: errors.claims })}
            name="claims"
            rows={2}
            defaultValue={values.claims}
          />
        </Field>
      ) : null}
      <RepositoryScope values={values} choices={choices} more={more} error={errors.repositories} />
      <Expiries expiries={expiries} chosen={values.expiry} />
      <div className="grid justify-items-start gap-3">
        <FormProblem>{problem}</FormProblem>
        <SubmitButton variant="primary" name="intent" value="save">
          Save changes
        </SubmitButton>
      </div>
    </form>
  );
}
