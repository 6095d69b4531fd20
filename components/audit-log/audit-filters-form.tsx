import { ListFilter, X } from 'lucide-react';
import { useId } from 'react';
import type { EventFilters, FilterName } from '@/lib/contract/audit-log-href';
import { AUDIT_EVENTS } from '@/lib/contract/audit-types';
import { Badge } from '../ui/badge';
import { ButtonLink } from '../ui/button-link';
import { controlProps, Field, Input, Select } from '../ui/field';
import { type Option, Options } from '../ui/options';
import { SubmitButton } from '../ui/submit-button';
import { UntrustedText } from '../ui/untrusted-text';
import { eventLabel } from './describe-event';
import { activeFilters } from './event-filters';

type AuditFiltersFormProps = {
  /** The URL of the page without filters. */
  clearHref: string;
  filters: EventFilters;
  errors: Partial<Record<FilterName, string>>;
  installations: { id: number; login: string }[];
};

/** A GET form. The filters are part of the URL, so they can be shared, bookmarked and used without JavaScript. */
export function AuditFiltersForm({ clearHref, filters, errors, installations }: AuditFiltersFormProps) {
  const active = activeFilters(filters).length;
  const prefix = useId();
  const input = (name: FilterName) => ({
    ...controlProps(`${prefix}-${name}`, {
      hint: name === 'actor' || name === 'repository',
      error: errors[name],
    }),
    name,
    defaultValue: shownValue(name, filters[name] ?? ''),
  });
  const field = (name: FilterName, label: string) => ({
    id: `${prefix}-${name}`,
    label,
    error: errors[name],
  });
  const known = new Set(installations.map(({ id }) => String(id)));
  const unknown =
    filters.installation_id && !known.has(filters.installation_id) ? filters.installation_id : null;

  return (
    <div className="grid grid-cols-1 gap-3">
      <details open={Object.keys(errors).length > 0} className="group rounded-xl border bg-card">
        <summary className="flex items-center gap-2 rounded-xl px-4 py-3 font-medium text-sm hover:bg-hover">
          <ListFilter aria-hidden className="size-4 text-muted" />
          Filters
          {active > 0 ? <Badge tone="info">{active} active</Badge> : null}
          <span className="ml-auto font-normal text-[13px] text-muted group-open:hidden">
            Type, actor, account, repository, IP, dates, text
          </span>
        </summary>
        {/* The inputs are uncontrolled. Following a link that changes the filters changes this key, so React recreates
            the inputs with the new values. */}
        <form method="get" key={JSON.stringify(filters)} className="border-t p-4">
          <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
            <Field {...field('type', 'Event')}>
              <Select {...input('type')}>
                <option value="">All events</option>
                <Options of={EVENT_TYPES} />
              </Select>
            </Field>
            <Field {...field('actor', 'Actor')} hint="As in the column, or an id">
              <Input
                {...input('actor')}
                placeholder="olivia@acme.test"
                autoComplete="off"
                spellCheck={false}
              />
            </Field>
            <Field {...field('installation_id', 'Account')}>
              <Select {...input('installation_id')}>
                <option value="">All accounts</option>
                {installations.map(({ id, login }) => (
                  <option key={id} value={id}>
                    {login} ({id})
                  </option>
                ))}
                {unknown ? <option value={unknown}>Installation {unknown}</option> : null}
              </Select>
            </Field>
            <Field {...field('repository', 'Repository')} hint="Tokens that could read it">
              <Input {...input('repository')} placeholder="acme/api" autoComplete="off" spellCheck={false} />
            </Field>
            <Field {...field('ip', 'IP address or range')}>
              <Input {...input('ip')} placeholder="203.0.113.0/24" autoComplete="off" spellCheck={false} />
            </Field>
            <Field {...field('from', 'From (UTC)')}>
              <Input {...input('from')} type="date" />
            </Field>
            <Field {...field('to', 'To (UTC)')}>
              <Input {...input('to')} type="date" />
            </Field>
            <Field {...field('q', 'Text')}>
              <Input
                {...input('q')}
                type="search"
                placeholder="Repository, request id, token hash…"
                autoComplete="off"
              />
            </Field>
          </div>
          {filters.syncs === undefined ? null : <input type="hidden" name="syncs" value={filters.syncs} />}
          <div className="mt-4 flex flex-wrap gap-2">
            <SubmitButton size="sm" variant="primary">
              Apply filters
            </SubmitButton>
            {active > 0 ? (
              <ButtonLink size="sm" variant="ghost" href={clearHref}>
                Clear
              </ButtonLink>
            ) : null}
          </div>
        </form>
      </details>
      <ActiveFilters path={clearHref} filters={filters} installations={installations} />
    </div>
  );
}

const EVENT_TYPES = Object.entries(AUDIT_EVENTS).map(([type, { label }]): Option => [type, label]);

const LABELS: Record<FilterName, string> = {
  type: 'Event',
  actor: 'Actor',
  installation_id: 'Account',
  repository: 'Could read',
  ip: 'IP',
  from: 'From',
  to: 'To',
  q: 'Text',
  syncs: 'Syncs',
  result: 'Result',
};

type ActiveFiltersProps = { path: string } & Pick<AuditFiltersFormProps, 'filters' | 'installations'>;

/** Lists the active filters, so users can see them while the form is closed. Each filter is a link that removes it. */
function ActiveFilters({ path, filters, installations }: ActiveFiltersProps) {
  const names = activeFilters(filters);
  if (names.length === 0) return null;
  const inWords = (name: FilterName): string => {
    const value = filters[name] ?? '';
    if (name === 'type') return eventLabel(value);
    if (name === 'installation_id')
      return installations.find(({ id }) => String(id) === value)?.login ?? value;
    return value;
  };
  return (
    <ul aria-label="Active filters" className="flex flex-wrap gap-2">
      {names.map((name) => (
        <li key={name} className="min-w-0 max-w-full">
          <ButtonLink
            size="sm"
            scroll={false}
            href={names.length === 1 ? path : `${path}?${new URLSearchParams(without(filters, name))}`}
            className="max-w-full"
          >
            <UntrustedText truncate>{`${LABELS[name]}: ${inWords(name)}`}</UntrustedText>
            <X aria-hidden />
            <span className="sr-only">Take this filter away</span>
          </ButtonLink>
        </li>
      ))}
    </ul>
  );
}

function without(filters: EventFilters, name: FilterName): Record<string, string> {
  const { [name]: _taken, ...rest } = filters;
  return rest as Record<string, string>;
}

/**
 * Returns the value to show in a field. Leaves a date field empty if its date is invalid, because browsers log a
 * warning about invalid dates.
 */
function shownValue(name: FilterName, value: string): string {
  const isDate = name === 'from' || name === 'to';
  return isDate && !/^\d{4}-\d{2}-\d{2}$/.test(value) ? '' : value;
}
