import type { AuditLogAddress } from '@/lib/contract/audit-log-href';
import { fieldTime } from '@/lib/contract/field-time';
import { parseZone, UTC } from '@/lib/contract/time-zone';
import { Button } from '../ui/button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuTrigger,
  dropdownItemClasses,
} from '../ui/dropdown-menu';
import { Field, Input } from '../ui/field';
import { Icon } from '../ui/icon';
import { SEARCH_FORM, SETS } from './search-form';

/** Periods that end now, by the age that the address holds. */
const PRESETS: readonly (readonly [age: string, label: string])[] = [
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
];

type TimeMenuProps = {
  address: AuditLogAddress;
  zone: string;
  buttonClassName: string;
};

/** Chooses a period: one that ends now, or any from minute to minute in the reader's zone. */
export function TimeMenu({ address, zone, buttonClassName }: TimeMenuProps) {
  const { from, to } = address;
  const preset = to ? undefined : PRESETS.find(([age]) => age === from);
  const label = preset?.[1] ?? (from || to ? 'Chosen times' : 'Any time');
  const written = parseZone(address.zone);
  const times = [
    { name: 'from', text: 'From', value: fieldTime(from, written, zone) },
    { name: 'to', text: 'To', value: fieldTime(to, written, zone, true) },
  ];
  return (
    <DropdownMenu>
      <DropdownMenuTrigger id="filter-time" className={buttonClassName}>
        <span className="sr-only">Time: </span>
        {label}
        <Icon name="chevronDown" className="size-4 text-muted" />
      </DropdownMenuTrigger>
      <DropdownMenuContent className="max-sm:right-0 max-sm:left-auto sm:right-0 sm:left-auto">
        {[...PRESETS, ['', 'Any time'] as const].map(([age, words]) => (
          <button
            key={age}
            type="submit"
            form={SEARCH_FORM}
            name={SETS}
            value={`from=${age}&to=&zone=`}
            aria-current={words === label ? 'true' : undefined}
            className={dropdownItemClasses}
          >
            {words}
          </button>
        ))}
        <fieldset aria-label="Times" className="mt-1 grid gap-2 border-t px-2.5 pt-2 pb-1.5">
          {times.map(({ name, text, value }) => (
            <Field key={name} id={`${name}-time`} label={text}>
              <Input
                id={`${name}-time`}
                form={SEARCH_FORM}
                name={`local_${name}`}
                type="datetime-local"
                defaultValue={value}
              />
            </Field>
          ))}
          <input type="hidden" form={SEARCH_FORM} name="local_zone" value={zone} />
          <p className="text-muted text-xs">Times in {zone === UTC ? 'UTC' : zone.replaceAll('_', ' ')}.</p>
          <Button type="submit" form={SEARCH_FORM} size="sm" variant="primary">
            Apply
          </Button>
        </fieldset>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
