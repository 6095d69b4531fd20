'use client';

import { useActionState, useState } from 'react';
import { Alert } from '../ui/alert';
import { describedBy, Field } from '../ui/field';
import { Input } from '../ui/input';
import { SubmitButton } from '../ui/submit-button';
import { slugFromName } from './slug-from-name';

export type CreateWorkspaceState = {
  values: { name: string; slug: string };
  /** Words of the schema. */
  errors: { name?: string; slug?: string };
  problem: string | null;
};

type CreateWorkspaceFormProps = {
  action: (state: CreateWorkspaceState, form: FormData) => Promise<CreateWorkspaceState>;
  initial: CreateWorkspaceState;
  /** Where the workspace will live, up to its slug. */
  addressPrefix: string;
};

/** Without JavaScript the address may stay empty: the server derives it from the name in the same way. */
export function CreateWorkspaceForm({ action, initial, addressPrefix }: CreateWorkspaceFormProps) {
  const [{ values, errors, problem }, submit] = useActionState(action, initial);
  const [name, setName] = useState(values.name);
  const [chosenSlug, setChosenSlug] = useState(values.slug);
  return (
    <form action={submit} className="grid gap-5">
      {problem ? <Alert live tone="danger" title={problem} /> : null}
      <Field
        id="name"
        label="Name"
        error={errors.name && 'Give the workspace a name of at most 80 characters.'}
      >
        <Input
          id="name"
          name="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={80}
          autoComplete="organization"
          placeholder="Acme"
          aria-invalid={errors.name ? true : undefined}
          aria-describedby={describedBy('name', { error: errors.name !== undefined })}
        />
      </Field>
      <Field
        id="slug"
        label="Address"
        error={errors.slug && addressError(errors.slug)}
        hint={
          <span className="wrap-anywhere">
            {addressPrefix}
            <strong className="font-medium text-foreground">
              {chosenSlug || slugFromName(name) || 'acme'}
            </strong>
          </span>
        }
      >
        <Input
          id="slug"
          name="slug"
          value={chosenSlug}
          onChange={(event) => setChosenSlug(event.target.value)}
          maxLength={40}
          placeholder={slugFromName(name) || 'acme'}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={errors.slug ? true : undefined}
          aria-describedby={describedBy('slug', { hint: true, error: errors.slug !== undefined })}
        />
      </Field>
      <SubmitButton variant="primary" className="w-full">
        Create workspace
      </SubmitButton>
    </form>
  );
}

function addressError(message: string): string {
  return message.startsWith('is ') ? `This address ${message}.` : `For the address, ${message}.`;
}
