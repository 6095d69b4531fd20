import { type AuditLogAddress, auditLogHref } from '@/lib/contract/audit-log-href';
import { instantOf, localTime, parseZone, UTC } from '@/lib/contract/time-zone';
import { Button } from '../ui/button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuTrigger,
  dropdownItemClasses,
} from '../ui/dropdown-menu';
import { Field, Input } from '../ui/field';
import { Icon } from '../ui/icon';
import { Link } from '../ui/link';
import { HiddenFields } from './hidden-fields';
import { SoftForm } from './soft-form';

/** Periods that end now, by the age that the address holds. */
const PRESETS: readonly (readonly [age: string, label: string])[] = [
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
];

type TimeMenuProps = {
  workspaceSlug: string;
  address: AuditLogAddress;
  zone: string;
  buttonClassName: string;
};

/** Chooses a period: one that ends now, or any from minute to minute in the reader's zone. */
export function TimeMenu({ workspaceSlug, address, zone, buttonClassName }: TimeMenuProps) {
  const { from, to, zone: _zone, cursor: _cursor, event: _event, ...rest } = address;
  const preset = to ? undefined : PRESETS.find(([age]) => age === from);
  const label = preset?.[1] ?? (from || to ? 'Chosen times' : 'Any time');
  const written = parseZone(address.zone);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className={buttonClassName}>
        <span className="sr-only">Time: </span>
        {label}
        <Icon name="chevronDown" className="size-4 text-muted" />
      </DropdownMenuTrigger>
      <DropdownMenuContent className="sm:right-0 sm:left-auto">
        {[...PRESETS, ['', 'Any time'] as const].map(([age, words]) => (
          <Link
            key={age}
            href={auditLogHref(workspaceSlug, { ...rest, from: age })}
            scroll={false}
            aria-current={words === label ? 'true' : undefined}
            className={dropdownItemClasses}
          >
            {words}
          </Link>
        ))}
        <SoftForm
          action={auditLogHref(workspaceSlug)}
          version={`${from} ${to} ${zone}`}
          aria-label="Times"
          className="mt-1 grid gap-2 border-t px-2.5 pt-2 pb-1.5"
        >
          <HiddenFields address={{ ...rest, zone: zone === UTC ? undefined : zone }} />
          <Field id="from-time" label="From">
            <Input
              id="from-time"
              name="from"
              type="datetime-local"
              defaultValue={field(from, written, zone)}
            />
          </Field>
          <Field id="to-time" label="To">
            <Input
              id="to-time"
              name="to"
              type="datetime-local"
              defaultValue={field(to, written, zone, true)}
            />
          </Field>
          <p className="text-muted text-xs">Times in {zone === UTC ? 'UTC' : zone.replaceAll('_', ' ')}.</p>
          <Button type="submit" size="sm" variant="primary">
            Apply
          </Button>
        </SoftForm>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

/** Returns a filter's time as the field shows it in the reader's zone; empty for an age, which moves. */
function field(value: string | null | undefined, written: string, zone: string, isEnd = false): string {
  if (!value) return '';
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value);
  const local = isEnd && day ? nextDay(value) : value;
  const exact = /(?:Z|[+-]\d{2}:\d{2})$/.test(value) ? new Date(value) : instantOf(local, written);
  return exact === null || Number.isNaN(exact.getTime()) ? '' : localTime(exact, zone).slice(0, 16);
}

const nextDay = (day: string) => {
  const at = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(at.getTime()) ? day : new Date(at.getTime() + 86_400_000).toISOString().slice(0, 10);
};
