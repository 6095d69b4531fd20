'use client';

import { lazy } from 'react';
import type { Comparison } from '@/lib/audit/compare';
import { Alert } from '../ui/alert';
import { Field } from '../ui/field';
import { Form, useFormAction } from '../ui/form';
import { SubmitButton } from '../ui/submit-button';

export type CompareState = {
  comparison: Comparison | null;
  errors?: { log?: string };
  problem: string | null;
};

/** Loaded only once there is a result to show, to keep the page's script small. */
const ComparisonResult = lazy(() =>
  import('./comparison-result').then((file) => ({ default: file.ComparisonResult })),
);

type CompareFormProps = {
  action: (state: CompareState, form: FormData) => Promise<CompareState>;
  maxBytes: number;
  /**
   * A problem found before the action ran, when the form was submitted without JavaScript; `null` if there was none.
   */
  problem: string | null;
};

export function CompareForm({ action, maxBytes, problem: before }: CompareFormProps) {
  const [state, submit] = useFormAction(action, { comparison: null, problem: before });
  const { comparison } = state;
  const problem = state.problem ?? state.errors?.log;
  const most = `${maxBytes / 1_000_000} MB`;
  // Next rejects an upload that is too large before our code runs. Only the browser can still explain why, so check the
  // size here.
  const check = (input: HTMLInputElement | null) =>
    input?.setCustomValidity(
      [...(input.files ?? [])].reduce((sum, { size }) => sum + size, 0) > maxBytes
        ? `Over ${most}: export a shorter time.`
        : '',
    );
  return (
    <div className="grid grid-cols-1 gap-6">
      {problem ? <Alert live tone="warning" title={problem} /> : null}
      {comparison ? <ComparisonResult comparison={comparison} /> : null}
      <Form action={submit} className="grid grid-cols-1 gap-4">
        <Field
          id="log"
          label="GitHub’s audit log"
          hint={`As GitHub exports or streams it: JSON or CSV, packed with gzip or not, also from Splunk or Datadog. One file or several, at most ${most} together. Read in memory and forgotten.`}
        >
          <input
            id="log"
            name="log"
            type="file"
            required
            multiple
            ref={check}
            onChange={({ currentTarget }) => {
              check(currentTarget);
              currentTarget.reportValidity();
            }}
            accept=".json,.ndjson,.jsonl,.csv,.log,.txt,.gz,application/json,text/csv,application/gzip"
            aria-describedby="log-hint"
            className="w-full min-w-0 rounded-md border border-border-strong bg-background text-sm file:mr-3 file:border-0 file:bg-hover file:px-3 file:py-2 file:font-medium file:text-foreground file:text-sm"
          />
        </Field>
        <div>
          <SubmitButton variant="primary">Compare</SubmitButton>
        </div>
      </Form>
    </div>
  );
}
