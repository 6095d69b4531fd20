import type { ReactNode } from 'react';
import type { EventCount } from '@/lib/audit/count';
import type { AuditLogAddress } from '@/lib/contract/audit-log-href';
import { counted } from '@/lib/contract/counted';
import { UTC } from '@/lib/contract/time-zone';
import type { Times } from '../shell/preferences';
import { Button } from '../ui/button';
import { DropdownMenu, DropdownMenuContent, DropdownMenuTrigger } from '../ui/dropdown-menu';
import { Icon } from '../ui/icon';
import { COLUMNS, type Column } from './columns';
import { hidesSyncs } from './event-filters';
import { SEARCH_FORM, SETS } from './search-form';
import { TimesSwitch } from './times-switch';

type ListSummaryProps = {
  address: AuditLogAddress;
  /** The heading: how many events match. */
  children: ReactNode;
  /** The menu of saved searches. */
  views: ReactNode;
  columns: readonly Column[];
  times: Times;
  zone: string;
};

const button = 'inline-flex min-h-6 items-center gap-1 rounded-sm text-muted hover:text-foreground';

/** The line above the events: how many match, their order, their columns and the format of times. */
export function ListSummary({ address, children, views, columns, times, zone }: ListSummaryProps) {
  const isOldestFirst = address.order === 'oldest';
  const isHidden = hidesSyncs(address);
  const otherwise = isHidden ? 'show' : address.actor ? 'hide' : '';
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-13">
      {children}
      <button
        type="submit"
        form={SEARCH_FORM}
        id="order"
        name={SETS}
        value={`order=${isOldestFirst ? '' : 'oldest'}`}
        className={button}
      >
        <span className="sr-only">Order: </span>
        {isOldestFirst ? 'Oldest first' : 'Newest first'}
        <span className="sr-only">, reverse</span>
        <Icon name="chevronDown" className={isOldestFirst ? 'size-3.5 rotate-180' : 'size-3.5'} />
      </button>
      {/* Our own syncs mint many tokens, none of which can read code. Those are hidden unless asked for, so they don't
          bury the rest. */}
      <button
        type="submit"
        form={SEARCH_FORM}
        id="syncs"
        name={SETS}
        value={`syncs=${otherwise}`}
        title="Tokens of our own syncs read no code"
        className={button}
      >
        {isHidden ? 'Show syncs' : 'Hide syncs'}
      </button>
      {views}
      <DropdownMenu className="max-lg:hidden">
        <DropdownMenuTrigger id="columns" className="min-h-6 rounded-sm text-13 text-muted">
          Columns
          <Icon name="chevronDown" className="size-3.5" />
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <fieldset aria-label="Columns" className="grid gap-0.5">
            {Object.entries(COLUMNS).map(([name, label]) => (
              <label
                key={name}
                className="flex min-h-7 items-center gap-2.5 rounded-md px-2 text-sm hover:bg-hover"
              >
                <input
                  type="checkbox"
                  name="columns"
                  form={SEARCH_FORM}
                  value={name}
                  defaultChecked={columns.some((each) => each === name)}
                  className="size-4 accent-primary"
                />
                {label}
              </label>
            ))}
            <Button type="submit" form={SEARCH_FORM} size="sm" variant="primary" className="m-1">
              Apply
            </Button>
          </fieldset>
        </DropdownMenuContent>
      </DropdownMenu>
      <span className="sm:ml-auto">
        <TimesSwitch
          rendered={times === 'relative' ? 'relative' : zone === UTC ? 'UTC' : 'local'}
          zone={zone}
        />
      </span>
    </div>
  );
}

/** Says how many events match: `1,204 events`, or `10,000+ events` where counting has stopped. */
export function countInWords({ events, more }: EventCount): string {
  return more ? `${events.toLocaleString('en')}+ events` : counted(events, 'event');
}
