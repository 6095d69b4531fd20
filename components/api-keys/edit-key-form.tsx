'use client';

import { useActionState } from 'react';
import { type RepositoryChoices, RepositoryScope } from '../repositories/repository-scope';
import { controlProps, Field, FormProblem, Input } from '../ui/field';
import { SubmitButton } from '../ui/submit-button';
import { NetworkField } from './network-field';

export type EditKeyState = RepositoryChoices & {
  values: { name: string; scope: string; networks: string; q: string };
  errors: { name?: string; repositories?: string; networks?: string };
  problem: string | null;
};

type EditKeyFormProps = {
  action: (state: EditKeyState, form: FormData) => Promise<EditKeyState>;
  initial: EditKeyState;
  id: string;
};

/** Asks for changes to a key's name, repositories and networks. */
export function EditKeyForm({ action, initial, id }: EditKeyFormProps) {
  const [{ values, choices, more, errors, problem }, submit] = useActionState(action, initial);
  return (
    <form action={submit} className="group grid grid-cols-1 gap-6">
      <input type="hidden" name="id" value={id} />
      <Field id="name" label="Name" error={errors.name && 'Give the key a name of at most 80 characters.'}>
        <Input
          {...controlProps('name', { error: errors.name })}
          name="name"
          defaultValue={values.name}
          required
          maxLength={80}
          autoComplete="off"
        />
      </Field>
      <RepositoryScope values={values} choices={choices} more={more} error={errors.repositories} />
      <NetworkField value={values.networks} error={errors.networks} />
      <div className="grid justify-items-start gap-3">
        <FormProblem>{problem}</FormProblem>
        <SubmitButton variant="primary" name="intent" value="save">
          Save changes
        </SubmitButton>
      </div>
    </form>
  );
}
