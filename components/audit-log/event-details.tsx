import type { ReactNode } from 'react';
import type { PreviousUse } from '@/lib/audit/previous-use';
import { actorInWords } from '@/lib/contract/actor-words';
import type { AuditEvent } from '@/lib/contract/audit-event';
import type { AuditLogAddress } from '@/lib/contract/audit-log-href';
import { readFact } from '@/lib/contract/audit-types';
import { Link } from '../ui/link';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { type AccountNames, eventLabel } from './describe-event';
import { detailInWords, inReadingOrder, isTime } from './details';
import { FindInGitHub, type OrganizationLog } from './find-in-github';
import { trustRuleHref, workloadOf } from './workload';

type EventDetailsProps = {
  event: AuditEvent;
  workspaceSlug: string;
  accounts: AccountNames;
  organizationLog: OrganizationLog | null;
  previousUse: PreviousUse | null;
  /** Returns the log's URL with these filters added. */
  filterHref: (filters: AuditLogAddress) => string;
  eventHref: (seq: number) => string;
};

/** Lists every field of an event: what was done, then the request that did it, and last the audit row itself. */
export function EventDetails({
  event,
  workspaceSlug,
  accounts,
  organizationLog,
  previousUse,
  filterHref,
  eventHref,
}: EventDetailsProps) {
  const workload = workloadOf(event);
  const details = readFact(event)?.details ?? {};
  const hashedToken = 'hashed_token' in details ? details.hashed_token : undefined;
  const account = event.installation_id === null ? undefined : accounts.get(event.installation_id);
  return (
    <div className="grid grid-cols-1 gap-5">
      <dl className="grid grid-cols-1 gap-x-8 gap-y-3 text-13 sm:grid-cols-2 [&_dd]:wrap-anywhere [&_dd]:mt-0.5 [&_dt]:text-muted">
        <Row term="Event">
          <Code>{event.type}</Code>
        </Row>
        <Row term="Time">
          <Time value={event.occurred_at} format="absolute" />{' '}
          <span className="text-muted">
            (<Time value={event.occurred_at} />)
          </span>
        </Row>
        <Row term="Actor">
          <FilterLink href={filterHref({ actor: actorInWords(event.actor) })}>
            <UntrustedText>{actorInWords(event.actor)}</UntrustedText>
          </FilterLink>
        </Row>
        {workload === null ? null : (
          <>
            <Row term="Trust rule">
              <FilterLink href={trustRuleHref(workspaceSlug, workload.rule.id)}>
                <UntrustedText>{workload.rule.name}</UntrustedText>
              </FilterLink>
            </Row>
            <Row term="Issuer of the identity token">
              <Code>{workload.issuer}</Code>
            </Row>
            <Row term="Subject of the identity token">
              <Code>{workload.subject}</Code>
            </Row>
          </>
        )}
        <Row term="IP address">
          {event.client_ip ? (
            <FilterLink href={filterHref({ ip: event.client_ip })}>
              <Code>{event.client_ip}</Code>
            </FilterLink>
          ) : (
            'System'
          )}
        </Row>
        {previousUse === null ? null : (
          <>
            <Row term="Actor’s event before this one">
              <Before event={previousUse.ofActor} eventHref={eventHref} first="None: this is its first" />
            </Row>
            {event.client_ip === null ? null : (
              <Row term="Address’s event before this one">
                <Before
                  event={previousUse.ofAddress}
                  eventHref={eventHref}
                  first="None: the address is new"
                />
              </Row>
            )}
          </>
        )}
        <Row term="Account">
          {event.installation_id === null ? (
            'None'
          ) : (
            <FilterLink href={filterHref({ installation_id: String(event.installation_id) })}>
              {account ? <UntrustedText>{account}</UntrustedText> : null}{' '}
              <Code>{String(event.installation_id)}</Code>
            </FilterLink>
          )}
        </Row>
        {inReadingOrder(event.details).map(([name, value]) =>
          name === 'workload' && workload !== null ? null : (
            <Row key={name} term={<UntrustedText>{name.replaceAll('_', ' ')}</UntrustedText>} spoken>
              {isTime(name, value) ? (
                <Time value={value} format="absolute" />
              ) : (
                <Detail name={name} value={value} filterHref={filterHref} />
              )}
            </Row>
          ),
        )}
        <Row term="User agent">
          {event.user_agent ? <UntrustedText>{event.user_agent}</UntrustedText> : 'None'}
        </Row>
        <Row term="Request id">
          <Code>{event.request_id}</Code>
        </Row>
        <Row term="Sequence number">
          <Code>{String(event.seq)}</Code>
        </Row>
        <Row term="Event id">
          <Code>{event.id}</Code>
        </Row>
        <Row term="Actor id">
          <Code>{event.actor.id}</Code>
        </Row>
        <Row term="Previous hash" wide>
          <Code>{event.prev_hash}</Code>
        </Row>
        <Row term="Hash" wide>
          <Code>{event.hash}</Code>
        </Row>
      </dl>
      {hashedToken ? <FindInGitHub hashedToken={hashedToken} organizationLog={organizationLog} /> : null}
    </div>
  );
}

type BeforeProps = { event: AuditEvent | null; first: string } & Pick<EventDetailsProps, 'eventHref'>;

/** Links to an earlier event, or says that there is none. */
function Before({ event, first, eventHref }: BeforeProps) {
  if (event === null) return first;
  return (
    <FilterLink href={eventHref(event.seq)}>
      {eventLabel(event.type)}, <Time value={event.occurred_at} />
    </FilterLink>
  );
}

type DetailProps = { name: string; value: AuditEvent['details'][string] } & Pick<
  EventDetailsProps,
  'filterHref'
>;

/** Shows a detail. The names of repositories lead to the tokens that could read them. */
function Detail({ name, value, filterHref }: DetailProps) {
  const named = name === 'repositories' && Array.isArray(value) ? value : [];
  const names = named.flatMap((each) =>
    each !== null && typeof each === 'object' && 'full_name' in each && typeof each.full_name === 'string'
      ? [each.full_name]
      : [],
  );
  if (names.length === 0 || names.length < named.length) return <Code>{detailInWords(value)}</Code>;
  return names.map((each, index) => (
    <span key={each}>
      {index === 0 ? null : ', '}
      <FilterLink href={filterHref({ repository: each, type: undefined })}>
        <Code>{each}</Code>
      </FilterLink>
    </span>
  ));
}

type RowProps = { term: ReactNode; children: ReactNode; wide?: boolean; spoken?: boolean };

function Row({ term, children, wide = false, spoken = false }: RowProps) {
  return (
    <div className={wide ? 'min-w-0 sm:col-span-2' : 'min-w-0'}>
      <dt className={spoken ? 'first-letter:uppercase' : undefined}>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Links to the log, filtered to events that share this value. */
function FilterLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className="text-accent underline-offset-4 hover:underline">
      {children}
    </Link>
  );
}

function Code({ children }: { children: string }) {
  return <UntrustedText className="font-mono text-xs">{children}</UntrustedText>;
}
