import { ListFilter } from 'lucide-react';
import { useId } from 'react';
import { AUDIT_EVENT_TYPES } from '@/lib/contract/audit-event';
import { Badge } from '../ui/badge';
import { ButtonLink } from '../ui/button-link';
import { describedBy, Field } from '../ui/field';
import { Input } from '../ui/input';
import { Select } from '../ui/select';
import { SubmitButton } from '../ui/submit-button';
import { activeFilters, type EventFilters, type FilterName } from './event-filters';

type AuditFiltersFormProps = {
  /** This page without filters. */
  clearHref: string;
  filters: EventFilters;
  errors: Partial<Record<FilterName, string>>;
  installations: { id: number; login: string }[];
};

/** A GET form: the address is the filter, so it can be shared, bookmarked and used without JavaScript. */
export function AuditFiltersForm({ clearHref, filters, errors, installations }: AuditFiltersFormProps) {
  const active = activeFilters(filters).length;
  const prefix = useId();
  const input = (name: FilterName) => ({
    id: `${prefix}-${name}`,
    name,
    defaultValue: filters[name] ?? '',
    'aria-invalid': errors[name] === undefined ? undefined : true,
    'aria-describedby': describedBy(`${prefix}-${name}`, { error: errors[name] !== undefined }),
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
    <details open={active > 0} className="group rounded-xl border bg-card">
      <summary className="flex items-center gap-2 rounded-xl px-4 py-3 font-medium text-sm hover:bg-hover">
        <ListFilter aria-hidden className="size-4 text-muted" />
        Filters
        {active > 0 ? <Badge tone="info">{active} active</Badge> : null}
        <span className="ml-auto font-normal text-[13px] text-muted group-open:hidden">
          Type, actor, account, IP, dates, text
        </span>
      </summary>
      {/* The key makes the fields follow the address when a link changed it. */}
      <form method="get" key={JSON.stringify(filters)} className="border-t p-4">
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <Field {...field('type', 'Event')}>
            <Select {...input('type')}>
              <option value="">All events</option>
              {Object.entries(AUDIT_EVENT_TYPES).map(([type, label]) => (
                <option key={type} value={type}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
          <Field {...field('actor', 'Actor')}>
            <Input {...input('actor')} placeholder="olivia@acme.test" autoComplete="off" spellCheck={false} />
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
          <Field {...field('ip', 'IP address')}>
            <Input {...input('ip')} placeholder="203.0.113.7" autoComplete="off" spellCheck={false} />
          </Field>
          <Field {...field('from', 'From (UTC)')}>
            <Input {...input('from')} type="date" />
          </Field>
          <Field {...field('to', 'To (UTC)')}>
            <Input {...input('to')} type="date" />
          </Field>
          <Field {...field('q', 'Text')} className="sm:col-span-2">
            <Input
              {...input('q')}
              type="search"
              placeholder="Repository, request id, token hash…"
              autoComplete="off"
            />
          </Field>
        </div>
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
  );
}
