import { Bot, ChevronRight, KeyRound, type LucideIcon, User } from 'lucide-react';
import type { AuditEvent } from '@/lib/contract/audit-event';
import { cn } from '../ui/cn';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { type AccountNames, actorInWords, describeEvent } from './describe-event';
import { EventDetails } from './event-details';

const ACTOR_ICONS: Record<AuditEvent['actor']['type'], LucideIcon> = {
  user: User,
  api_key: KeyRound,
  system: Bot,
};

const DOTS = {
  neutral: 'bg-border-strong',
  info: 'bg-accent',
  success: 'bg-success',
  warning: 'bg-warning',
  danger: 'bg-danger',
} as const;

const COLUMNS = 'md:grid md:grid-cols-[1rem_8.5rem_minmax(0,1fr)_9.5rem] md:items-start md:gap-x-4';

/** Newest first. Each row opens on its own, without JavaScript. */
export function EventList({ events, accounts }: { events: AuditEvent[]; accounts: AccountNames }) {
  return (
    <div className="rounded-xl border bg-card">
      <div
        aria-hidden
        className={cn(
          COLUMNS,
          'rounded-t-xl border-b bg-surface px-4 py-2.5 text-muted text-xs max-md:hidden',
        )}
      >
        <span />
        <span className="font-medium">Time</span>
        <span className="font-medium">Event</span>
        <span className="font-medium">IP address</span>
      </div>
      <ol className="divide-y">
        {events.map((event) => (
          <EventRow key={event.id} event={event} accounts={accounts} />
        ))}
      </ol>
    </div>
  );
}

function EventRow({ event, accounts }: { event: AuditEvent; accounts: AccountNames }) {
  const { action, about, tone } = describeEvent(event, accounts);
  const ActorIcon = ACTOR_ICONS[event.actor.type];
  return (
    <li id={`event-${event.seq}`}>
      <details className="group">
        <summary className={cn(COLUMNS, 'px-4 py-3 text-sm hover:bg-hover')}>
          <ChevronRight
            aria-hidden
            className="mt-0.5 size-4 text-muted transition-transform group-open:rotate-90 max-md:float-right"
          />
          <span className="flex items-center gap-2 text-muted max-md:mb-1 max-md:text-[13px]">
            <span aria-hidden className={cn('size-2 shrink-0 rounded-full', DOTS[tone])} />
            <Time value={event.occurred_at} />
          </span>
          <span className="wrap-anywhere block min-w-0 leading-snug">
            <ActorIcon aria-hidden className="-mt-0.5 mr-1.5 inline size-3.5 text-muted" />
            <UntrustedText className="font-medium">{actorInWords(event.actor)}</UntrustedText> {action}{' '}
            {about ? <UntrustedText className="font-medium">{about}</UntrustedText> : null}
          </span>
          <span
            className="block truncate font-mono text-[13px] text-muted max-md:mt-1"
            title={event.client_ip ?? undefined}
          >
            {event.client_ip ?? <span className="font-sans">System</span>}
          </span>
        </summary>
        <EventDetails event={event} />
      </details>
    </li>
  );
}
