'use client';

import { lazy, type ReactNode, useActionState } from 'react';
import { Field, FormProblem, Select } from '../ui/field';
import { Form } from '../ui/form';
import { SubmitButton } from '../ui/submit-button';
import type { CreateKeyState } from './create-key-form';

/** Loaded only once there is a key to show, to keep the page's script small. */
const NewKey = lazy(() => import('./new-key').then((file) => ({ default: file.NewKey })));

type QuickKeyProps = {
  action: (state: CreateKeyState, form: FormData) => Promise<CreateKeyState>;
  initial: CreateKeyState;
  repositories: readonly { id: number; full_name: string }[];
  notice: ReactNode;
  mintUrl: string;
  doneHref: string;
  /** Whether the workspace can do without the form, because a key or rule exists. A new key stays on the page. */
  isDone: boolean;
};

/** Creates a key for one repository with one click, and shows the command that clones it. */
export function QuickKey(props: QuickKeyProps) {
  const { action, initial, repositories, notice, mintUrl, doneHref, isDone } = props;
  const [{ created, values, errors, problem }, submit] = useActionState(action, initial);
  if (created) return <NewKey created={created} notice={notice} mintUrl={mintUrl} doneHref={doneHref} />;
  if (isDone || repositories.length === 0) return null;
  return (
    <Form action={submit} className="flex flex-wrap items-end gap-2">
      {(['name', 'networks', 'expiry'] as const).map((name) => (
        <input key={name} type="hidden" name={name} value={values[name]} />
      ))}
      <input type="hidden" name="scope" value="selected" />
      <div className="min-w-0 flex-1 basis-56">
        <Field id="quick-repository" label="Repository">
          <Select id="quick-repository" name="repositories">
            {repositories.map(({ id, full_name }) => (
              <option key={id} value={id}>
                {full_name}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <SubmitButton variant="primary">Create key and command</SubmitButton>
      <div className="basis-full">
        <FormProblem>{problem ?? Object.values(errors)[0]}</FormProblem>
      </div>
    </Form>
  );
}
