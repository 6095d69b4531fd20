'use client';

import { type ReactNode, useActionState } from 'react';
import { Checkbox, Choice, controlProps, Field, FormProblem, Input } from '../ui/field';
import { SubmitButton } from '../ui/submit-button';
import { NewKey, type NewKeyView } from './new-key';

export type RepositoryChoice = { id: number; full_name: string; chosen: boolean };

export type CreateKeyState = {
  created: NewKeyView | null;
  values: { name: string; scope: string; expiry: string; q: string };
  /** The chosen repositories, followed by the search results. */
  choices: RepositoryChoice[];
  /** Whether more repositories match the search than are shown. */
  more: boolean;
  errors: { name?: string; repositories?: string };
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

/**
 * Asks for a new key's name, repositories and expiry. The repository search submits the whole form, so it works without
 * JavaScript and keeps the ticked repositories.
 */
export function CreateKeyForm({ action, initial, expiries, notice, mintUrl, doneHref }: CreateKeyFormProps) {
  const [state, submit] = useActionState(action, initial);
  const { created, values, choices, more, errors, problem } = state;
  if (created) return <NewKey created={created} notice={notice} mintUrl={mintUrl} doneHref={doneHref} />;
  return (
    <form action={submit} className="group grid grid-cols-1 gap-6">
      <Field
        id="name"
        label="Name"
        hint="What will use it, so that you know it again."
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
      <fieldset className="grid min-w-0 grid-cols-1 gap-2">
        <legend className="mb-2 font-medium text-[13px]">Repositories</legend>
        <Choice name="scope" value="all" defaultChecked={values.scope !== 'selected'}>
          All that this workspace shares, now and later
        </Choice>
        <Choice name="scope" value="selected" defaultChecked={values.scope === 'selected'}>
          Only these
        </Choice>
        <FormProblem>{errors.repositories}</FormProblem>
        <div className="hidden min-w-0 rounded-md border group-has-[[value=selected]:checked]:block">
          <div className="flex gap-2 border-b p-2">
            <Input
              type="search"
              name="q"
              defaultValue={values.q}
              aria-label="Search repositories"
              placeholder="Search repositories"
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
            />
            {/* Pressing Enter triggers a form's first button. Search comes first, so Enter never creates a key by
                accident while the user is still choosing. */}
            <SubmitButton name="intent" value="search" formNoValidate>
              Search
            </SubmitButton>
          </div>
          <ul className="max-h-64 overflow-y-auto py-1" aria-live="polite">
            {choices.map(({ id, full_name, chosen }) => (
              <li key={id}>
                <label
                  htmlFor={`repository-${id}`}
                  className="flex items-center gap-2.5 px-3 py-1.5 text-sm hover:bg-hover"
                >
                  <Checkbox id={`repository-${id}`} name="repositories" value={id} defaultChecked={chosen} />
                  <bdi className="wrap-anywhere">{full_name}</bdi>
                </label>
              </li>
            ))}
            {choices.length === 0 ? (
              <li className="px-3 py-2 text-muted text-sm">
                {values.q ? `No shared repository matches “${values.q}”.` : 'No repository is shared yet.'}
              </li>
            ) : null}
            {more ? (
              <li className="px-3 py-2 text-muted text-[13px]">More match: search to find them.</li>
            ) : null}
          </ul>
        </div>
      </fieldset>
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
