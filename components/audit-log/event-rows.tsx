'use client';

import { useEffect } from 'react';
import type { Tone } from '../ui/badge';
import { cn } from '../ui/cn';
import { Link } from '../ui/link';
import { TableCell, TableRow } from '../ui/table';
import { UntrustedText } from '../ui/untrusted-text';
import { ActorIcon } from './actor-icon';
import type { ActorKind } from './actor-shapes';
import type { Column } from './columns';
import { EventDot } from './event-dot';

/** An event as its row shows it. A page sends these texts twice: in the row's HTML, and as data for the script. */
export type EventRow = {
  /** The id of the row's link. */
  id: string;
  href: string;
  /** The time as stored. */
  at: string;
  /** The absolute time. */
  utc: string;
  /** The time relative to when the server rendered the page; absent if the rows show absolute times. */
  ago?: string;
  label: string;
  about: string;
  tone: Tone;
  actor: string;
  actorKind: ActorKind;
  /** The trust rule that accepted the actor's identity token. */
  rule?: { href: string; name: string; issuer: string };
  /** The texts of the chosen columns. */
  more: (string | null)[];
};

/**
 * Draws the rows of the table of events, and loads the script of their keys with the first of them. A page contains each
 * element of a server component twice, as HTML and as data for the script. As a client component, this one sends a tenth of
 * that data.
 */
export function EventRows({ rows, columns }: { rows: EventRow[]; columns: readonly Column[] }) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!/^[jko]$/.test(event.key)) return;
      // Without the script, Tab still moves through the list.
      import('./list-keys').then(
        ({ moveInList }) => moveInList(event),
        () => {},
      );
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  return rows.map((row) => <Row key={row.id} {...row} columns={columns} />);
}

function Row({ columns, more, ...row }: EventRow & { columns: readonly Column[] }) {
  const { id, href, at, utc, ago, label, about, tone } = row;
  return (
    <TableRow className="relative align-top text-13 leading-5 hover:bg-hover">
      <TableCell className="text-muted">
        {/* The event's link covers the whole row. The time sits above that link, so hovering over it still shows its
            tooltip. */}
        <time
          dateTime={at}
          title={utc}
          data-absolute={ago === undefined ? '' : undefined}
          className="relative z-10 tabular-nums"
        >
          {ago ?? utc}
        </time>
      </TableCell>
      <TableCell className="wrap-anywhere">
        <EventDot tone={tone} />
        <Link id={id} href={href} scroll={false} className="font-medium after:absolute after:inset-0">
          {label}
        </Link>{' '}
        {about ? <UntrustedText className="text-muted">{about}</UntrustedText> : null}
      </TableCell>
      {columns.map((name, index) =>
        name === 'actor' ? (
          <ActorCell key={name} {...row} />
        ) : (
          <MoreCell
            key={name}
            text={more[index] ?? null}
            className={MONOSPACED.has(name) ? 'font-mono text-xs leading-5' : ''}
          />
        ),
      )}
    </TableRow>
  );
}

/** Columns of numbers and ids. */
const MONOSPACED: ReadonlySet<Column> = new Set(['ip', 'request_id', 'seq']);

function ActorCell({ actor, actorKind, rule }: Pick<EventRow, 'actor' | 'actorKind' | 'rule'>) {
  return (
    <TableCell inline>
      <span className="columned:flex">
        <ActorIcon kind={actorKind} />
        <UntrustedText className="min-w-0 columned:line-clamp-2">{actor}</UntrustedText>
      </span>
      {rule ? <RuleOfRow {...rule} /> : null}
    </TableCell>
  );
}

/** Names the trust rule by which a workload acted, with a link above the row's own, and the issuer of its identity token. */
function RuleOfRow({ href, name, issuer }: NonNullable<EventRow['rule']>) {
  return (
    <span className="wrap-anywhere text-muted columned:mt-0.5 columned:block">
      {' '}
      by{' '}
      <Link href={href} className="relative z-10 text-foreground underline underline-offset-4">
        <span className="sr-only">trust rule </span>
        <UntrustedText>{name}</UntrustedText>
      </Link>
      , <UntrustedText>{issuer}</UntrustedText>
    </span>
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
      <UntrustedText className={cn('text-muted columned:line-clamp-3', className)}>{text}</UntrustedText>
    </TableCell>
  );
}
