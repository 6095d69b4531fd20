'use client';

import { useFormStatus } from 'react-dom';
import { Checkbox, Choice, FormProblem, Input } from '../ui/field';
import { SubmitButton } from '../ui/submit-button';

export type RepositoryChoice = { id: number; full_name: string; chosen: boolean };

/** The repositories that a form offers. */
export type RepositoryChoices = {
  /** The chosen repositories, followed by the search results. */
  choices: RepositoryChoice[];
  /** Whether more repositories match the search than are shown. */
  more: boolean;
};

type RepositoryScopeProps = RepositoryChoices & {
  values: { scope: string; q: string };
  error: string | undefined;
};

/**
 * Asks which repositories may be read. Access to all repositories has to be chosen. The search submits the whole form,
 * so it works without JavaScript and keeps the ticked repositories. The form's element needs the class `group`.
 */
export function RepositoryScope({ values, choices, more, error }: RepositoryScopeProps) {
  // An answer replaces the list, so a box that was ticked meanwhile would be lost.
  const { pending } = useFormStatus();
  return (
    <fieldset className="grid min-w-0 grid-cols-1 gap-2">
      <legend className="mb-2 font-medium text-13">Repositories</legend>
      <Choice name="scope" value="selected" defaultChecked={values.scope !== 'all'}>
        Selected repositories
      </Choice>
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
          {/* Pressing Enter triggers a form's first button. Search comes first, so Enter never creates anything by
              accident while the user is still choosing. */}
          <SubmitButton name="intent" value="search" formNoValidate>
            Search
          </SubmitButton>
        </div>
        <ul inert={pending} className="max-h-64 overflow-y-auto py-1" aria-live="polite">
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
          {more ? <li className="px-3 py-2 text-muted text-13">More match: search to find them.</li> : null}
        </ul>
      </div>
      <FormProblem>{error}</FormProblem>
      <Choice name="scope" value="all" defaultChecked={values.scope === 'all'}>
        All repositories, including future ones
      </Choice>
    </fieldset>
  );
}
