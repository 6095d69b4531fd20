import { Choice } from '../ui/field';

export type ExpiryChoice = { value: string; label: string };

type ExpiriesProps = { expiries: readonly ExpiryChoice[]; chosen: string; name?: string; legend?: string };

/** Asks when something ends. */
export function Expiries({ expiries, chosen, name = 'expiry', legend = 'Expires' }: ExpiriesProps) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 font-medium text-13">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {expiries.map(({ value, label }) => (
          <Choice key={value} name={name} value={value} defaultChecked={value === chosen}>
            {label}
          </Choice>
        ))}
      </div>
    </fieldset>
  );
}
