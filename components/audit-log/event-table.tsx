import { Bot, CircleAlert, KeyRound, type LucideIcon, ScrollText, SearchX, User } from 'lucide-react';
import { actorInWords } from '@/lib/contract/actor-words';
import type { AuditEvent } from '@/lib/contract/audit-event';
import type { Times } from '../shell/preferences';
import type { Tone } from '../ui/badge';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { cn } from '../ui/cn';
import { EmptyState } from '../ui/empty-state';
import { Link } from '../ui/link';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../ui/table';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { type AccountNames, accountOf, describeEvent, repositoriesOf } from './describe-event';

const ACTOR_ICONS: Record<AuditEvent['actor']['type'], LucideIcon> = {
  user: User,
  api_key: KeyRound,
  system: Bot,
};

type EventTableProps = {
  events: AuditEvent[];
  accounts: AccountNames;
  /** Returns the page's URL with this event's drawer open. */
  eventHref: (seq: number) => string;
  times?: Times;
};

/** Returns the id of the link in an event's row. */
export const rowId = (seq: number) => `event-${seq}`;

/** Lists events, newest first. Each row links to its event's details. */
export function EventTable({ events, accounts, eventHref, times = 'relative' }: EventTableProps) {
  return (
    <Card className="overflow-hidden">
      <Table aria-label="Events" columns="many">
        <TableHead>
          <TableRow>
            <TableHeader className="w-[13%]">Time</TableHeader>
            <TableHeader className="w-[23%]">Event</TableHeader>
            <TableHeader className="w-[18%]">Actor</TableHeader>
            <TableHeader className="w-[13%]">Installation</TableHeader>
            <TableHeader>Repositories</TableHeader>
            <TableHeader className="w-[14%]">IP address</TableHeader>
          </TableRow>
        </TableHead>
        <TableBody>
          {events.map((event) => (
            <EventRow
              key={event.id}
              event={event}
              accounts={accounts}
              href={eventHref(event.seq)}
              times={times}
            />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

type EventRowProps = { event: AuditEvent; accounts: AccountNames; href: string; times: Times };

function EventRow({ event, accounts, href, times }: EventRowProps) {
  const { label, about, tone } = describeEvent(event);
  const account = accountOf(event, accounts);
  const repositories = repositoriesOf(event);
  // The actor type may be unknown if someone tampered with the row. Show the row anyway, because it is evidence.
  const ActorIcon = ACTOR_ICONS[event.actor.type] ?? CircleAlert;
  return (
    <TableRow className="relative align-top text-[13px] leading-5 hover:bg-hover">
      <TableCell className="text-muted">
        {/* The event's link covers the whole row. The time sits above that link, so hovering over it still shows its
            tooltip. */}
        <Time
          value={event.occurred_at}
          format={times === 'relative' ? 'relative' : 'absolute'}
          className="relative z-10"
        />
      </TableCell>
      <TableCell className="wrap-anywhere">
        <EventDot tone={tone} />
        <Link
          id={rowId(event.seq)}
          href={href}
          scroll={false}
          className="font-medium after:absolute after:inset-0"
        >
          {label}
        </Link>{' '}
        {about ? <UntrustedText className="text-muted">{about}</UntrustedText> : null}
      </TableCell>
      <TableCell inline>
        <span className="columned:flex">
          <ActorIcon
            aria-hidden
            className="stacked:-mt-0.5 mr-1.5 inline size-3.5 shrink-0 text-muted columned:mt-[3px]"
          />
          <span className="min-w-0 columned:line-clamp-2">
            <UntrustedText>{actorInWords(event.actor)}</UntrustedText>
          </span>
        </span>
      </TableCell>
      <MoreCell text={account} />
      <MoreCell text={repositories?.text ?? null} />
      <MoreCell text={event.client_ip} className="font-mono text-xs leading-5" />
    </TableRow>
  );
}

/**
 * Shows more about an event. In a table column, the text is cut to three lines (the drawer shows all of it). On a
 * narrow screen, it continues the line with the actor.
 */
function MoreCell({ text, className }: { text: string | null; className?: string }) {
  if (text === null) return <TableCell className="stacked:hidden" />;
  return (
    <TableCell inline>
      {/* Ends with an ordinary space, so the line breaks here rather than in the middle of a name. */}
      <span aria-hidden className="text-muted columned:hidden">
        {'\u00a0· '}
      </span>
      <span className="text-muted columned:line-clamp-3">
        <UntrustedText className={className ?? ''}>{text}</UntrustedText>
      </span>
    </TableCell>
  );
}

const COLOURS: Record<Tone, string> = {
  neutral: 'bg-border-strong',
  info: 'bg-accent',
  success: 'bg-success',
  warning: 'bg-warning',
  danger: 'bg-danger',
};

/** Shows an event's tone as a coloured dot. Screen readers skip the dot, because the text beside it says the same. */
export function EventDot({ tone }: { tone: Tone }) {
  return <span aria-hidden className={cn('mr-2 inline-block size-2 shrink-0 rounded-full', COLOURS[tone])} />;
}

/** Tells below the last page that older events were archived, so that a search does not pass for one of the whole log. */
export function ArchivedEvents({ upTo }: { upTo: number }) {
  return (
    <p className="text-[13px] text-muted">
      {upTo === 1 ? 'Event 1 was' : `Events 1 to ${upTo.toLocaleString('en')} were`} archived, and cannot be
      listed or searched here. Ask whoever operates this service for the archive.
    </p>
  );
}

/** Shown instead of the table when no event matches the filters, or when the log is still empty. */
export function NoEvents({ filtered, clearHref }: { filtered: boolean; clearHref: string }) {
  return (
    <Card>
      {filtered ? (
        <EmptyState
          icon={SearchX}
          title="No event matches these filters"
          actions={
            <ButtonLink size="sm" href={clearHref}>
              Clear the filters
            </ButtonLink>
          }
        />
      ) : (
        <EmptyState icon={ScrollText} title="Nothing has happened yet">
          Connections, members, API keys and every issued token appear here. Any change to a past event is
          detectable.
        </EmptyState>
      )}
    </Card>
  );
}
