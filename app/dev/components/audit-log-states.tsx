import { AuditFiltersForm } from '@/components/audit-log/audit-filters-form';
import { AuditLogBoxes } from '@/components/audit-log/audit-log-boxes';
import { EventDetails } from '@/components/audit-log/event-details';
import { EventTable } from '@/components/audit-log/event-table';
import { type ExportState, ExportStatus } from '@/components/audit-log/export-status';
import { MintChart, MintChartPending, type MintsOfDay } from '@/components/audit-log/mint-chart';
import { MissingEvent } from '@/components/audit-log/missing-event';
import { NoEvents } from '@/components/audit-log/no-events';
import { TimesSwitch } from '@/components/audit-log/times-switch';
import { VerificationPending } from '@/components/audit-log/verification-pending';
import { VerificationResult } from '@/components/audit-log/verification-result';
import { Card } from '@/components/ui/card';
import { Pagination } from '@/components/ui/pagination';
import { ComparisonStates } from './comparison-states';
import { doNothing } from './do-nothing';
import { events, hostileEvents, installation } from './samples';
import { Section, State } from './section';

const accounts = new Map([[installation.id, installation.account.login]]);
const installations = [{ id: installation.id, login: installation.account.login }];
const minted = events.slice(0, 1);
const eventHref = (seq: number) => `?event=${seq}`;

const HASH = '6c1f0f2d5c1f0ab94d1e0a3f3b0e8d7c6b5a49382716050f4e3d2c1b0a998877';

const EXPORTS: Record<string, ExportState> = {
  begun: { name: 'running', events: 0, of: null },
  'under way': { name: 'running', events: 24_310, of: 100_000 },
  filtered: { name: 'running', events: 24_310, of: null },
  saved: { name: 'saved', events: 100_001, file: 'audit-acme.ndjson' },
  cancelled: { name: 'cancelled' },
  broken: { name: 'broken', events: 24_310 },
  refused: {
    name: 'refused',
    title: 'Not exported now',
    message: 'Wait 40 seconds, then try again.',
  },
};

const days = (count: number): MintsOfDay[] =>
  Array.from({ length: count }, (_, index) => ({
    day: new Date(Date.UTC(2026, 9, 1 + index)).toISOString().slice(0, 10),
    minted: (index * 37) % 90,
    denied: index % 7 === 0 ? 3 : 0,
    partial: false,
  }));

export function AuditLogStates() {
  return (
    <>
      <Section name="Filters">
        <State label="none">
          <AuditFiltersForm clearHref="?" filters={{}} errors={{}} installations={installations} />
        </State>
        <State label="with an error">
          <AuditFiltersForm
            clearHref="?"
            filters={{ type: 'github.token_minted', ip: 'nonsense', from: '2026-11-01' }}
            errors={{ ip: 'must be an IP address' }}
            installations={installations}
          />
        </State>
      </Section>
      <Section name="Events">
        <EventTable events={events} accounts={accounts} eventHref={eventHref} />
        <State label="its foot">
          <Pagination
            label="Audit log"
            previous={{ href: '?', text: 'Newer' }}
            next={{ href: '?', text: 'Older' }}
          />
        </State>
        <State label="times in UTC">
          <div className="grid grid-cols-1 gap-2">
            <TimesSwitch chosen="utc" />
            <EventTable events={minted} accounts={accounts} eventHref={eventHref} times="utc" />
          </div>
        </State>
        <EventTable events={hostileEvents} accounts={accounts} eventHref={eventHref} />
        <State label="opened">
          {minted.map((event) => (
            <Card key={event.id} className="max-w-xl p-5">
              <EventDetails
                event={event}
                accounts={accounts}
                organizationLog={{
                  login: 'acme',
                  href: 'https://github.com/organizations/acme/settings/audit-log',
                }}
                filterHref={() => '?'}
              />
            </Card>
          ))}
        </State>
        <State label="no such event">
          <MissingEvent wasThere={false} />
        </State>
        <State label="an event that was removed">
          <MissingEvent wasThere />
        </State>
        <State label="nothing yet">
          <NoEvents filtered={false} clearHref="?" />
        </State>
        <State label="nothing matches">
          <NoEvents filtered clearHref="?" />
        </State>
      </Section>
      <Section name="Chart">
        <State label="a month">
          <MintChart days={days(30)} selected={null} href="?" />
        </State>
        <State label="nothing yet">
          <MintChart
            days={days(30).map((day) => ({ ...day, minted: 0, denied: 0 }))}
            selected={null}
            href="?"
          />
        </State>
        <State label="loading">
          <MintChartPending />
        </State>
      </Section>
      <Section name="Verification">
        <State label="begun">
          <VerificationPending progress={null} />
        </State>
        <State label="under way">
          <VerificationPending progress={{ events: 40_000, of: 120_000 }} />
        </State>
        <State label="intact">
          <VerificationResult
            dismissHref="?"
            eventHref={eventHref}
            result={{ ok: true, events: 120_000, head_hash: HASH }}
          />
        </State>
        <State label="broken">
          <VerificationResult
            dismissHref="?"
            eventHref={eventHref}
            result={{ ok: false, events: 70_000, first_bad: 70_001, head_hash: HASH }}
          />
        </State>
      </Section>
      <Section name="Export">
        {Object.entries(EXPORTS).map(([label, state]) => (
          <State key={label} label={label}>
            <ExportStatus
              state={state}
              onCancel={doNothing}
              onRetry={doNothing}
              onDismiss={doNothing}
              className="max-w-96"
            />
          </State>
        ))}
      </Section>
      <ComparisonStates />
      <Section name="Loading">
        <AuditLogBoxes />
      </Section>
    </>
  );
}
