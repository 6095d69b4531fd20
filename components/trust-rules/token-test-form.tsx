'use client';

import { lazy, type ReactNode } from 'react';
import type { Explanation as TokenExplanation } from '@/lib/workload/explain';
import { controlProps, Field, FormProblem, Textarea } from '../ui/field';
import { FocusOnArrival } from '../ui/focus-on-arrival';
import { Form, useFormAction } from '../ui/form';
import { SubmitButton } from '../ui/submit-button';

export type TestTokenState = {
  /** The server's answer for the last token. It never contains the token. */
  explanation: TokenExplanation | null;
  problem: string | null;
};

/** Loaded only once there is something to explain, to keep the page's script small. */
const Explanation = lazy(() => import('./explanation').then((file) => ({ default: file.Explanation })));

type TestTokenFormProps = {
  action: (state: TestTokenState, form: FormData) => Promise<TestTokenState>;
  hint: ReactNode;
  rulesHref: string;
};

/**
 * Sends an identity token to be explained. The field is uncontrolled, and emptied once it is sent, so the token is
 * nowhere in the page.
 */
export function TestTokenForm({ action, hint, rulesHref }: TestTokenFormProps) {
  const [{ explanation, problem }, submit] = useFormAction(action, { explanation: null, problem: null });
  return (
    <div className="grid grid-cols-1 gap-6">
      <Form action={submit} empties className="grid grid-cols-1 gap-4">
        <Field id="token" label="Identity token" hint={hint}>
          <Textarea
            {...controlProps('token', { hint: true })}
            name="token"
            rows={4}
            required
            maxLength={20_000}
            placeholder="eyJ…"
          />
        </Field>
        <FormProblem>{problem}</FormProblem>
        <div>
          <SubmitButton variant="primary">Test the token</SubmitButton>
        </div>
      </Form>
      {explanation ? (
        <FocusOnArrival key={JSON.stringify(explanation)}>
          <Explanation explanation={explanation} rulesHref={rulesHref} />
        </FocusOnArrival>
      ) : null}
    </div>
  );
}
