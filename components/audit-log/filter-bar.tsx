import { RESULTS } from '@/lib/contract/audit-event';
import type { AuditLogAddress, FilterName } from '@/lib/contract/audit-log-href';
import { AUDIT_EVENTS } from '@/lib/contract/audit-types';
import { EVENT_GROUPS, type EventGroup, TYPES_OF_GROUP } from '@/lib/contract/event-groups';
import { Button } from '../ui/button';
import { DropdownMenu, DropdownMenuContent, DropdownMenuTrigger } from '../ui/dropdown-menu';
import { Input, Select } from '../ui/field';
import { Icon } from '../ui/icon';
import { Options } from '../ui/options';
import { activeFilters } from './event-filters';
import { SEARCH_FORM } from './search-form';
import { TimeMenu } from './time-menu';
import { type BoxGroup, TypeBoxes } from './type-boxes';

export type FilterBarProps = {
  address: AuditLogAddress;
  errors: Partial<Record<FilterName, string>>;
  installations: { id: number; login: string }[];
  actors: string[];
  repositories: string[];
  /** The zone in which the reader sees times. */
  zone: string;
};

const GROUPS: readonly BoxGroup[] = Object.entries(EVENT_GROUPS).map(([group, label]) => ({
  group,
  label,
  types: TYPES_OF_GROUP[group as EventGroup].map((type) => [type, AUDIT_EVENTS[type].label] as const),
}));

const NAMES: Record<FilterName, string> = {
  type: 'Event',
  actor: 'Actor',
  installation_id: 'Account',
  repository: 'Repository',
  ip: 'IP address',
  result: 'Result',
  from: 'From',
  to: 'To',
  q: 'Text',
  syncs: 'Syncs',
};

const menuButton =
  'h-9 w-full justify-between rounded-md border border-control bg-background px-3 text-sm whitespace-nowrap';

/** One row with a field for each filter. The fields belong to the form of the search, and work without a script. */
export function FilterBar({ address, errors, installations, ...more }: FilterBarProps) {
  const { type, actor, installation_id, repository, ip, result } = address;
  const chosen = type?.split(',') ?? [];
  const known = new Set(installations.map(({ id }) => String(id)));
  const accounts: [string, string][] = installations.map(({ id, login }) => [String(id), login]);
  if (installation_id && !known.has(installation_id))
    accounts.push([installation_id, `Installation ${installation_id.replaceAll(',', ', ')}`]);
  const input = (name: FilterName, value: string | null | undefined) => ({
    name,
    id: `filter-${name}`,
    form: SEARCH_FORM,
    'aria-label': NAMES[name],
    'aria-invalid': errors[name] ? true : undefined,
    'aria-describedby': errors[name] ? 'filter-errors' : undefined,
    defaultValue: value ?? '',
  });
  const count = activeFilters(address).length;
  const problems = Object.entries(errors) as [FilterName, string][];
  return (
    <div className="grid grid-cols-1 gap-2">
      <label className="group/filters peer relative flex min-h-9 items-center justify-between gap-2 rounded-md border border-control px-3 text-sm has-focus-visible:outline-2 sm:hidden">
        <span>
          <span className="sr-only">Show </span>
          Filters
          {count === 0 ? null : <span className="text-muted"> · {count} in use</span>}
        </span>
        <input
          type="checkbox"
          id="show-filters"
          defaultChecked={problems.length > 0}
          className="absolute inset-0 appearance-none"
        />
        <Icon name="chevronDown" className="size-4 text-muted group-has-checked/filters:rotate-180" />
      </label>
      {/* Narrow screens show the fields only if the box above is ticked, so that events are above the fold. */}
      <fieldset
        aria-label="Filters"
        className="grid min-w-0 grid-cols-2 gap-2 max-sm:hidden max-sm:peer-has-checked:grid lg:grid-cols-7"
      >
        <DropdownMenu>
          <DropdownMenuTrigger id="filter-type" className={menuButton}>
            {chosen.length === 0 ? 'Event' : `Event: ${chosen.length}`}
            <Icon name="chevronDown" className="size-4 text-muted" />
          </DropdownMenuTrigger>
          <DropdownMenuContent>
            <fieldset aria-label="Events" className="max-h-80 overflow-y-auto">
              <TypeBoxes of={GROUPS} chosen={chosen} form={SEARCH_FORM} />
            </fieldset>
            <div className="mt-1 border-t px-2 pt-2 pb-1">
              <Button type="submit" form={SEARCH_FORM} size="sm" variant="primary">
                Apply
              </Button>
            </div>
          </DropdownMenuContent>
        </DropdownMenu>
        <Input
          {...input('actor', actor)}
          list="audit-actors"
          placeholder="Actor"
          autoComplete="off"
          spellCheck={false}
        />
        <Select key={`account ${installation_id}`} {...input('installation_id', installation_id)}>
          <option value="">Any account</option>
          <Options of={accounts} />
        </Select>
        <Input
          {...input('repository', repository)}
          list="audit-repositories"
          placeholder="Repository"
          autoComplete="off"
          spellCheck={false}
        />
        <Input {...input('ip', ip)} placeholder="IP or -10.0.0.0/8" autoComplete="off" spellCheck={false} />
        <Select key={`result ${result}`} {...input('result', result)}>
          <option value="">Any result</option>
          <Options
            of={RESULTS.map((each) => [each, each === 'refused' ? 'Refused' : 'Succeeded'] as const)}
          />
        </Select>
        <TimeMenu address={address} zone={more.zone} buttonClassName={menuButton} />
        <datalist id="audit-actors">
          <Options of={more.actors.map((each) => [each, each] as const)} />
        </datalist>
        <datalist id="audit-repositories">
          <Options of={more.repositories.map((each) => [each, each] as const)} />
        </datalist>
      </fieldset>
      {problems.length > 0 ? (
        <ul id="filter-errors" className="grid gap-0.5 text-13 text-danger">
          {problems.map(([name, message]) => (
            <li key={name}>
              {NAMES[name]} {message}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
