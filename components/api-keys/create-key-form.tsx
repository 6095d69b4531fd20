'use client';

import { type ReactNode, useActionState } from 'react';
import { type RepositoryChoices, RepositoryScope } from '../repositories/repository-scope';
import { Choice, controlProps, Field, FormProblem, Input } from '../ui/field';
import { SubmitButton } from '../ui/submit-button';
import { NetworkField } from './network-field';
import { NewKey, type NewKeyView } from './new-key';

export type CreateKeyState = RepositoryChoices & {
  created: NewKeyView | null;
  values: { name: string; scope: string; networks: string; expiry: string; q: string };
  errors: { name?: string; repositories?: string; networks?: string };
  problem: string | null;
};

type CreateKeyFormProps = {
  action: (state: CreateKeyState, form: FormData) => Promise<CreateKeyState>;
  initial: CreateKeyState;
  expiries: readonly { value: string; label: string }[];
  notice: ReactNode;
  mintUrl: string;
  doneHref: string;
};

/** Asks for a new key's name, repositories, networks and expiry. */
export function CreateKeyForm({ action, initial, expiries, notice, mintUrl, doneHref }: CreateKeyFormProps) {
  const [state, submit] = useActionState(action, initial);
  const { created, values, choices, more, errors, problem } = state;
  if (created) return <NewKey created={created} notice={notice} mintUrl={mintUrl} doneHref={doneHref} />;
  return (
    <form action={submit} className="group grid grid-cols-1 gap-6">
      <Field
        id="name"
        label="Name"
        hint="The service that will use this key."
        error={errors.name && 'Give the key a name of at most 80 characters.'}
      >
        <Input
          {...controlProps('name', { hint: true, error: errors.name })}
          name="name"
          defaultValue={values.name}
          required
          maxLength={80}
          autoComplete="off"
          placeholder="analysis-engine"
        />
      </Field>
      <RepositoryScope values={values} choices={choices} more={more} error={errors.repositories} />
      <NetworkField value={values.networks} error={errors.networks} />
      <fieldset className="min-w-0">
        <legend className="mb-2 font-medium text-[13px]">Expires</legend>
        <div className="flex flex-wrap gap-2">
          {expiries.map(({ value, label }) => (
            <Choice key={value} name="expiry" value={value} defaultChecked={values.expiry === value}>
              {label}
            </Choice>
          ))}
        </div>
      </fieldset>
      <div className="grid justify-items-start gap-3">
        <FormProblem>{problem}</FormProblem>
        <SubmitButton variant="primary" name="intent" value="create">
          Create API key
        </SubmitButton>
      </div>
    </form>
  );
}
