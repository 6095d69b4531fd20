'use client';

import { useState } from 'react';
import { Alert } from '../ui/alert';
import { controlProps, Field, Input } from '../ui/field';
import { Form, useFormAction } from '../ui/form';
import { SubmitButton } from '../ui/submit-button';
import { slugFromName } from './slug-from-name';

export type CreateWorkspaceState = {
  values: { name: string; slug: string };
  /** Validation messages from the schema. */
  errors: { name?: string; slug?: string };
  problem: string | null;
};

type CreateWorkspaceFormProps = {
  action: (state: CreateWorkspaceState, form: FormData) => Promise<CreateWorkspaceState>;
  initial: CreateWorkspaceState;
  /** The workspace's URL, up to but not including the slug. */
  addressPrefix: string;
};

/**
 * Suggests a slug while the user types the workspace's name. Without JavaScript, the slug may be submitted empty. The
 * server then derives it from the name with the same function.
 */
export function CreateWorkspaceForm({ action, initial, addressPrefix }: CreateWorkspaceFormProps) {
  const [{ values, errors, problem }, submit] = useFormAction(action, initial);
  const [name, setName] = useState(values.name);
  const [chosenSlug, setChosenSlug] = useState(values.slug);
  return (
    <Form action={submit} className="grid gap-5">
      {problem ? <Alert live tone="danger" title={problem} /> : null}
      <Field
        id="name"
        label="Name"
        error={errors.name && 'Give the workspace a name of at most 80 characters.'}
      >
        <Input
          {...controlProps('name', { error: errors.name })}
          name="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={80}
          autoComplete="organization"
          placeholder="Acme"
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
          {...controlProps('slug', { hint: true, error: errors.slug })}
          name="slug"
          value={chosenSlug}
          onChange={(event) => setChosenSlug(event.target.value)}
          maxLength={40}
          placeholder={slugFromName(name) || 'acme'}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <SubmitButton variant="primary" className="w-full">
        Create workspace
      </SubmitButton>
    </Form>
  );
}

function addressError(message: string): string {
  return message.startsWith('is ') ? `This address ${message}.` : `For the address, ${message}.`;
}
