import { Choice } from '../ui/field';

export type ExpiryChoice = { value: string; label: string };

/** Asks when something ends. */
export function Expiries({ expiries, chosen }: { expiries: readonly ExpiryChoice[]; chosen: string }) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 font-medium text-[13px]">Expires</legend>
      <div className="flex flex-wrap gap-2">
        {expiries.map(({ value, label }) => (
          <Choice key={value} name="expiry" value={value} defaultChecked={value === chosen}>
            {label}
          </Choice>
        ))}
      </div>
    </fieldset>
  );
}
