'use client';

import { Expiries } from '../credentials/expiries';
import { buttonClasses } from '../ui/button';
import { CodeBlock } from '../ui/code-block';
import { controlProps, Field, FormProblem, Input } from '../ui/field';
import { FocusOnArrival } from '../ui/focus-on-arrival';
import { Form, useFormAction } from '../ui/form';
import { SubmitButton } from '../ui/submit-button';

export type CreateLinkState = {
  /** The new link, which is shown only once. */
  created: { name: string; url: string } | null;
  values: { name: string; expires_in: string };
  errors?: Partial<Record<string, string>>;
  problem: string | null;
};

const EMPTY: CreateLinkState = {
  created: null,
  values: { name: '', expires_in: '30d' },
  problem: null,
};

const EXPIRIES = [
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
] as const;

type CreateLinkFormProps = {
  action: (state: CreateLinkState, form: FormData) => Promise<CreateLinkState>;
  doneHref: string;
};

/** Asks for whom a link is and when it expires, then shows it. */
export function CreateLinkForm({ action, doneHref }: CreateLinkFormProps) {
  const [{ created, values, errors = {}, problem }, submit] = useFormAction(action, EMPTY);
  if (created)
    return (
      <FocusOnArrival>
        <div className="grid grid-cols-1 gap-4">
          <p className="wrap-anywhere text-sm" role="status">
            Copy the link for <bdi className="font-medium">{created.name}</bdi> now: it is shown once.
          </p>
          <section aria-label="Auditor link">
            <CodeBlock code={created.url} label="the link" />
          </section>
          <div>
            {/* A plain link loads a new document, which also removes the link from this tab's memory. */}
            <a href={doneHref} className={buttonClasses({ variant: 'primary' })}>
              Done
            </a>
          </div>
        </div>
      </FocusOnArrival>
    );
  return (
    <Form action={submit} className="grid grid-cols-1 gap-5">
      <Field
        id="name"
        label="For"
        hint="The auditor or company. They see this name."
        error={errors.name && 'Enter a name of at most 80 characters.'}
      >
        <Input
          {...controlProps('name', { hint: true, error: errors.name })}
          name="name"
          defaultValue={values.name}
          required
          maxLength={80}
          autoComplete="off"
          placeholder="Example Audit Ltd."
        />
      </Field>
      <Expiries expiries={EXPIRIES} chosen={values.expires_in} name="expires_in" />
      <div className="grid justify-items-start gap-3">
        <FormProblem>{problem ?? (errors.expires_in && 'Choose when the link expires.')}</FormProblem>
        <SubmitButton variant="primary">Create link</SubmitButton>
      </div>
    </Form>
  );
}
