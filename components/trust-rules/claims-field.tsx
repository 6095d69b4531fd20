import { controlProps, Field, Textarea } from '../ui/field';
import { errorSentence } from './error-sentence';

type ClaimsFieldProps = { value: string; error: string | undefined; hint: string; placeholder?: string };

/** Asks for the claims that a rule demands beside the subject. */
export function ClaimsField({ value, error, hint, placeholder }: ClaimsFieldProps) {
  return (
    <Field id="claims" label="Further claims" hint={hint} error={errorSentence('A claim', error)}>
      <Textarea
        {...controlProps('claims', { hint: true, error })}
        name="claims"
        rows={2}
        defaultValue={value}
        placeholder={placeholder}
      />
    </Field>
  );
}
