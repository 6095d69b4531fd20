'use client';

import { type FormEvent, useState } from 'react';
import { findSubjectError } from '@/lib/contract/subject-pattern';
import { CredentialForm, type CredentialFormState } from '../credentials/credential-form';
import { Expiries, type ExpiryChoice } from '../credentials/expiries';
import { Choice, controlProps, Field, FormProblem, Input } from '../ui/field';
import { useFormAction } from '../ui/form';
import { ClaimsField } from './claims-field';
import { DemandsShown } from './demands-shown';
import { errorSentence } from './error-sentence';
import { composeDemands, type Demands, PRESETS, type Preset, type PresetName, parseClaims } from './presets';

type Values = Record<string, string> &
  Record<'name' | 'issuer' | 'claims' | 'scope' | 'expiry' | 'q', string>;

/** `values` holds the form's text fields, with those of the preset. */
export type CreateRuleState = Omit<CredentialFormState, 'values'> & { values: Values };

type CreateRuleFormProps = {
  action: (state: CreateRuleState, form: FormData) => Promise<CreateRuleState>;
  initial: CreateRuleState;
  preset: PresetName;
  issuers: readonly string[];
  expiries: readonly ExpiryChoice[];
  /** The id of the API key that the rule replaces. */
  from: string | null;
};

/** Composes what the rule demands, as the server does. Returns `null` while a field is missing or wrong. */
function demandsOf(preset: PresetName, values: Readonly<Record<string, string>>): Demands | null {
  const { claims, wrong } = parseClaims(values.claims ?? '');
  return wrong === undefined ? composeDemands(preset, values, claims) : null;
}

const textsOf = (form: FormData): Record<string, string> =>
  Object.fromEntries([...form].filter((field): field is [string, string] => typeof field[1] === 'string'));

/**
 * Asks for a new rule. The form shows the rule's demands above the button, and sends that text along. The server creates
 * a rule only with the demands that were shown. So without JavaScript, the first attempt shows them and the second one
 * creates the rule.
 */
export function CreateRuleForm({ action, initial, preset, issuers, expiries, from }: CreateRuleFormProps) {
  const [state, submit] = useFormAction(action, initial);
  const [typed, setTyped] = useState<Record<string, string> | null>(null);
  const { values, errors } = state;
  const demands = demandsOf(preset, typed ?? values);
  const subjectError = demands === null ? undefined : findSubjectError(demands.subject);
  const follow = (event: FormEvent<HTMLFormElement>) => setTyped(textsOf(new FormData(event.currentTarget)));
  return (
    <CredentialForm
      state={state}
      action={submit}
      noun="rule"
      submitLabel="Create trust rule"
      hidden={{ preset, from: from ?? '', shown: demands === null ? '' : JSON.stringify(demands) }}
      name={{ hint: 'The service or workflow that the rule is for.', placeholder: 'nightly-analysis' }}
      onInput={follow}
      above={
        <>
          <Issuer
            issuers={issuers}
            chosen={values.issuer}
            error={errorSentence('The issuer', errors.issuer)}
          />
          <PresetFields preset={PRESETS[preset]} values={values} />
          <ClaimsField
            value={values.claims}
            error={errors.claims}
            hint="Optional. Each must be in the token with exactly this value: one name=value a line."
            placeholder={CLAIMS_EXAMPLES[preset]}
          />
        </>
      }
    >
      <Expiries expiries={expiries} chosen={values.expiry} />
      <section
        aria-labelledby="demands"
        className="grid min-w-0 grid-cols-1 gap-3 rounded-md border bg-surface p-4"
      >
        <h2 id="demands" className="font-medium text-13">
          This rule trusts
        </h2>
        {demands === null ? (
          <p className="text-muted text-sm">
            The issuer, subject and claims appear here once the fields above are filled in.
          </p>
        ) : (
          <DemandsShown {...demands} />
        )}
        <FormProblem>{errorSentence('The subject', subjectError ?? errors.subject)}</FormProblem>
      </section>
    </CredentialForm>
  );
}

const CLAIMS_EXAMPLES = {
  'github-actions': 'repository_id=123456789',
  kubernetes: 'kubernetes.io/pod/name=engine-0',
  gitlab: 'ref_protected=true',
  other: 'email=engine@acme.iam.gserviceaccount.com',
} as const satisfies Record<PresetName, string>;

type IssuerProps = { issuers: readonly string[]; chosen: string; error: string | undefined };

function Issuer({ issuers, chosen, error }: IssuerProps) {
  return (
    <fieldset className="grid min-w-0 grid-cols-1 gap-2">
      <legend className="mb-2 font-medium text-13">Issuer</legend>
      {issuers.map((issuer) => (
        <Choice key={issuer} name="issuer" value={issuer} defaultChecked={issuer === chosen} required>
          <bdi className="wrap-anywhere font-mono text-13">{issuer}</bdi>
        </Choice>
      ))}
      <FormProblem>{error}</FormProblem>
      <p className="text-13 text-muted">The operator of this service decides which issuers can be trusted.</p>
    </fieldset>
  );
}

type PresetFieldsProps = { preset: Preset; values: Readonly<Record<string, string>> };

function PresetFields({ preset, values }: PresetFieldsProps) {
  const { choice, fields } = preset;
  return (
    <>
      {choice ? (
        <fieldset className="min-w-0">
          <legend className="mb-2 font-medium text-13">{choice.label}</legend>
          <div className="flex flex-wrap gap-2">
            {choice.options.map(([value, label]) => (
              <Choice
                key={value}
                name={choice.name}
                value={value}
                defaultChecked={values[choice.name] === value}
              >
                {label}
              </Choice>
            ))}
          </div>
        </fieldset>
      ) : null}
      {fields.map(({ name, label, hint, placeholder, optional }) => (
        <Field key={name} id={name} label={label} hint={hint}>
          <Input
            {...controlProps(name, { hint: hint !== undefined })}
            name={name}
            defaultValue={values[name]}
            required={!optional}
            maxLength={500}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            placeholder={placeholder}
          />
        </Field>
      ))}
    </>
  );
}
