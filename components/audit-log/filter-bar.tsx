import { RESULTS } from '@/lib/contract/audit-event';
import { type AuditLogAddress, auditLogHref, type FilterName } from '@/lib/contract/audit-log-href';
import { AUDIT_EVENTS } from '@/lib/contract/audit-types';
import { Button } from '../ui/button';
import { DropdownMenu, DropdownMenuContent, DropdownMenuTrigger } from '../ui/dropdown-menu';
import { Input, Select } from '../ui/field';
import { Icon } from '../ui/icon';
import { Options } from '../ui/options';
import { activeFilters } from './event-filters';
import { HiddenFields } from './hidden-fields';
import { SoftForm } from './soft-form';
import { TimeMenu } from './time-menu';
import { TypeBoxes } from './type-boxes';

export type FilterBarProps = {
  workspaceSlug: string;
  address: AuditLogAddress;
  errors: Partial<Record<FilterName, string>>;
  installations: { id: number; login: string }[];
  actors: string[];
  repositories: string[];
  /** The zone in which the reader sees times. */
  zone: string;
};

const TYPES = Object.entries(AUDIT_EVENTS).map(([type, { label }]) => [type, label] as const);

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

/**
 * One row with a field for each filter. The fields are part of the page and work without a script; with one, the list
 * follows without loading the page again.
 */
export function FilterBar({ workspaceSlug, address, errors, installations, ...more }: FilterBarProps) {
  const { type, actor, installation_id, repository, ip, result, ...rest } = address;
  const path = auditLogHref(workspaceSlug);
  const chosen = type?.split(',') ?? [];
  const known = new Set(installations.map(({ id }) => String(id)));
  const accounts: [string, string][] = installations.map(({ id, login }) => [String(id), login]);
  if (installation_id && !known.has(installation_id))
    accounts.push([installation_id, `Installation ${installation_id.replaceAll(',', ', ')}`]);
  const input = (name: FilterName, value: string | null | undefined) => ({
    name,
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
      <div className="grid grid-cols-2 gap-2 max-sm:hidden max-sm:peer-has-checked:grid lg:grid-cols-[minmax(0,7fr)_minmax(0,1fr)]">
        <SoftForm
          action={path}
          version={JSON.stringify(address)}
          aria-label="Filters"
          className="col-span-2 grid grid-cols-2 gap-2 lg:col-span-1 lg:grid-cols-[repeat(6,minmax(0,1fr))_auto]"
        >
          <HiddenFields address={rest} />
          <DropdownMenu>
            <DropdownMenuTrigger className={menuButton}>
              {chosen.length === 0 ? 'Event' : `Event: ${chosen.length}`}
              <Icon name="chevronDown" className="size-4 text-muted" />
            </DropdownMenuTrigger>
            <DropdownMenuContent>
              <fieldset className="max-h-80 overflow-y-auto">
                <legend className="sr-only">Events</legend>
                <TypeBoxes of={TYPES} chosen={chosen} />
              </fieldset>
              <div className="mt-1 border-t px-2 pt-2 pb-1">
                <Button type="submit" size="sm" variant="primary">
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
          <Button type="submit" className="max-lg:col-span-2">
            Apply
          </Button>
          <datalist id="audit-actors">
            <Options of={more.actors.map((each) => [each, each] as const)} />
          </datalist>
          <datalist id="audit-repositories">
            <Options of={more.repositories.map((each) => [each, each] as const)} />
          </datalist>
        </SoftForm>
        <div className="col-span-2 lg:col-span-1">
          <TimeMenu
            workspaceSlug={workspaceSlug}
            address={address}
            zone={more.zone}
            buttonClassName={menuButton}
          />
        </div>
      </div>
      {problems.length > 0 ? (
        <ul id="filter-errors" className="grid gap-0.5 text-[13px] text-danger">
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
