import { controlProps, Field, Textarea } from '../ui/field';

/** Asks for the networks that a key may be used from. */
export function NetworkField({ value, error }: { value: string; error: string | undefined }) {
  return (
    <Field
      id="networks"
      label="Networks"
      hint="Addresses or CIDR ranges that the key may be used from, one a line. Leave empty to allow every address."
      error={error}
    >
      <Textarea
        {...controlProps('networks', { hint: true, error })}
        name="networks"
        rows={2}
        defaultValue={value}
        placeholder={'203.0.113.0/24\n2001:db8:7::/48'}
      />
    </Field>
  );
}
