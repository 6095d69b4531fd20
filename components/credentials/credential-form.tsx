'use client';

import type { FormEventHandler, ReactNode } from 'react';
import { useFormStatus } from 'react-dom';
import { type RepositoryChoices, RepositoryScope } from '../repositories/repository-scope';
import { controlProps, Field, FormProblem, Input } from '../ui/field';
import { Form } from '../ui/form';
import { type FormAction, SubmitButton } from '../ui/submit-button';

/** The state of a form for an API key or a trust rule. `q` is the search for repositories. */
export type CredentialFormState = RepositoryChoices & {
  values: { name: string; scope: string; q: string };
  errors: Partial<Record<string, string>>;
  problem: string | null;
};

type CredentialFormProps = {
  state: CredentialFormState;
  action: FormAction;
  noun: 'key' | 'rule';
  submitLabel: string;
  /**
   * Whether a success renders the page anew, with a new form. Nothing can be typed then while the action runs, because it
   * would be lost.
   */
  replacesItself?: boolean;
  /** Fields that the user doesn't see. */
  hidden: Readonly<Record<string, string>>;
  name?: { hint: string; placeholder: string };
  onInput?: FormEventHandler<HTMLFormElement>;
  /** Fields above the repositories. */
  above?: ReactNode;
  /** Fields and texts below the repositories. */
  children: ReactNode;
};

/** Asks for a name and repositories, and for what only a key or only a rule has. */
export function CredentialForm(props: CredentialFormProps) {
  const {
    state,
    action,
    noun,
    submitLabel,
    replacesItself = false,
    hidden,
    name,
    onInput,
    above,
    children,
  } = props;
  const { values, choices, more, errors, problem } = state;
  return (
    <Form action={action} onInput={onInput} className="group grid grid-cols-1 gap-6">
      {Object.entries(hidden).map(([field, value]) => (
        <input key={field} type="hidden" name={field} value={value} />
      ))}
      <Fields areLocked={replacesItself}>
        <Field
          id="name"
          label="Name"
          hint={name?.hint}
          error={errors.name && `Give the ${noun} a name of at most 80 characters.`}
        >
          <Input
            {...controlProps('name', { hint: name !== undefined, error: errors.name })}
            name="name"
            defaultValue={values.name}
            required
            maxLength={80}
            autoComplete="off"
            placeholder={name?.placeholder}
          />
        </Field>
        {above}
        <RepositoryScope values={values} choices={choices} more={more} error={errors.repositories} />
        {children}
      </Fields>
      <div className="grid justify-items-start gap-3">
        <FormProblem>{problem}</FormProblem>
        <SubmitButton variant="primary" name="intent" value="save">
          {submitLabel}
        </SubmitButton>
      </div>
    </Form>
  );
}

function Fields({ areLocked, children }: { areLocked: boolean; children: ReactNode }) {
  const { pending } = useFormStatus();
  return (
    <div className="contents" inert={areLocked && pending}>
      {children}
    </div>
  );
}
