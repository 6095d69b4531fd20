import { actorInWords } from '@/lib/contract/actor-words';
import type { AuditEvent } from '@/lib/contract/audit-event';
import { describeEvent, repositoriesOf } from '../audit-log/describe-event';
import { EventDot } from '../audit-log/event-dot';
import { Card, CardFooter } from '../ui/card';
import { Link } from '../ui/link';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type LastEventsProps = {
  title: string;
  events: readonly AuditEvent[];
  /** Returns the path of an event in the audit log. */
  eventHref: (seq: number) => string;
  /** The path of the audit log with all such events. */
  logHref: string;
  /** Whether each event also names its actor. A page about one actor does not repeat it. */
  withActor?: boolean;
};

/** Lists the newest events about something, each a link to its details. */
export function LastEvents({ title, events, eventHref, logHref, withActor = false }: LastEventsProps) {
  return (
    <Card className="min-w-0">
      <section aria-labelledby="last-events">
        <h2 id="last-events" className="p-5 font-semibold text-base tracking-tight sm:px-6">
          {title}
        </h2>
        {events.length === 0 ? (
          <p className="px-5 pb-5 text-muted text-sm sm:px-6">None yet.</p>
        ) : (
          <ul className="divide-y border-t">
            {events.map((event) => (
              <Event key={event.id} event={event} href={eventHref(event.seq)} withActor={withActor} />
            ))}
          </ul>
        )}
      </section>
      <CardFooter>
        <Link
          href={logHref}
          className="inline-flex min-h-6 items-center text-13 text-accent underline underline-offset-4"
        >
          All in the audit log
        </Link>
      </CardFooter>
    </Card>
  );
}

type EventProps = { event: AuditEvent; href: string; withActor: boolean };

function Event({ event, href, withActor }: EventProps) {
  const { label, about, tone } = describeEvent(event);
  const more = [
    ...(withActor ? [actorInWords(event.actor)] : []),
    repositoriesOf(event)?.text,
    event.client_ip,
  ].filter((text) => text != null);
  return (
    <li className="flex flex-wrap justify-between gap-x-4 px-5 py-2.5 text-13 sm:px-6">
      <span className="wrap-anywhere min-w-0">
        <EventDot tone={tone} />
        <Link href={href} className="font-medium underline-offset-4 hover:underline">
          {label}
          <span className="sr-only"> {event.occurred_at}</span>
        </Link>{' '}
        {about ? <UntrustedText className="text-muted">{about}</UntrustedText> : null}
        {more.length > 0 ? (
          <UntrustedText className="block text-muted">{more.join(' · ')}</UntrustedText>
        ) : null}
      </span>
      <Time value={event.occurred_at} className="text-muted" />
    </li>
  );
}
