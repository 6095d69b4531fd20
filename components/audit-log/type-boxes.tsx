import type { Option } from '../ui/options';

/** Types of events under a heading. `group` is the value that means all of them. */
export type BoxGroup = { group: string; label: string; types: readonly Option[] };

type TypeBoxesProps = { of: readonly BoxGroup[]; chosen: readonly string[]; form: string };

/**
 * A box for each group of events, and below it one for each of its types, which a ticked group hides, because it has all of
 * them.
 */
export function TypeBoxes({ of, chosen, form }: TypeBoxesProps) {
  return of.map(({ group, label, types }) => {
    const isWhole = chosen.includes(group) || types.every(([type]) => chosen.includes(type));
    const box = { type: 'checkbox', name: 'type', form, className: 'size-4 accent-primary' };
    return (
      <div key={group} className="border-t py-1 first:border-0 first:pt-0">
        <label className={`peer font-medium ${row}`}>
          <input {...box} value={group} defaultChecked={isWhole} />
          {label} <span className="font-normal text-muted text-xs">all {types.length}</span>
        </label>
        <div className="pl-4 peer-has-checked:hidden">
          {types.map(([type, words]) => (
            <label key={type} className={row}>
              <input {...box} value={type} defaultChecked={!isWhole && chosen.includes(type)} />
              {words}
            </label>
          ))}
        </div>
      </div>
    );
  });
}

const row = 'flex min-h-7 items-center gap-2.5 rounded-md px-2 text-sm hover:bg-hover';
