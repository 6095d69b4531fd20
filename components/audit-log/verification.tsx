import { LoaderCircle } from 'lucide-react';
import type { AuditVerification } from '@/lib/contract/audit-event';
import { counted } from '@/lib/contract/counted';
import { Alert } from '../ui/alert';
import { ButtonLink } from '../ui/button-link';
import { CopyButton } from '../ui/copy-button';
import { ProgressBar } from '../ui/progress-bar';

type VerificationPendingProps = {
  /** `null` until the first events have been verified. */
  progress: { events: number; of: number } | null;
};

/**
 * Shows a verification's progress. Screen readers announce its start and its result, but not the figures in between.
 */
export function VerificationPending({ progress }: VerificationPendingProps) {
  return (
    <div
      role={progress === null ? 'status' : undefined}
      className="needs-script grid gap-3 rounded-xl border bg-surface p-4 text-sm"
    >
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <LoaderCircle aria-hidden className="size-4 animate-spin text-muted" />
        Hashing every event again
        <span className="ml-auto text-muted tabular-nums">
          {progress === null
            ? 'A long log takes some seconds'
            : `${progress.events.toLocaleString('en')} of ${counted(progress.of, 'event')}`}
        </span>
      </p>
      <ProgressBar
        label="Events verified"
        value={progress === null ? null : progress.events}
        max={progress === null ? 1 : progress.of}
      />
    </div>
  );
}

type VerificationResultProps = {
  result: AuditVerification;
  dismissHref: string;
  /** Returns the URL that opens an event's drawer, even if the event itself was deleted. */
  eventHref: (seq: number) => string;
};

export function VerificationResult({ result, dismissHref, eventHref }: VerificationResultProps) {
  const { ok, events, archived, first_bad, head_hash } = result;
  const bad = ok ? null : (first_bad ?? events + 1);
  const count = counted(events, 'event');
  const verified = events - (archived ?? 0);
  return (
    <Alert
      live
      tone={ok ? 'success' : 'danger'}
      title={bad === null ? `${count}, chain intact` : `The chain is broken at event ${bad}`}
      actions={
        <>
          {bad === null ? null : (
            <ButtonLink size="sm" href={eventHref(bad)} scroll={false}>
              Show event {bad}
            </ButtonLink>
          )}
          <ButtonLink size="sm" href={dismissHref} scroll={false}>
            Dismiss
          </ButtonLink>
        </>
      }
    >
      {archived === undefined ? null : (
        <p className="mb-2">
          {archived === 1 ? 'Event 1 is' : `Events 1 to ${archived.toLocaleString('en')} are`} archived, and
          no longer in this log. Event {(archived + 1).toLocaleString('en')} continues the archive’s last
          hash.
        </p>
      )}
      <p>
        {ok
          ? 'Every event in this log was hashed again just now, and each fits the one before it. Keep the head hash: with it you can tell later whether anything up to here was rewritten.'
          : `${verified === 0 ? 'This event' : `The log’s ${counted(verified, 'event')} before it ${verified === 1 ? 'is' : 'are'} intact; this one`} and those after it cannot be trusted. Export the log and tell the operator of this service.`}
      </p>
      <p className="mt-2 flex min-w-0 items-center gap-1 text-13">
        <span className="min-w-0">
          Head hash <code className="wrap-anywhere font-mono text-xs">{head_hash}</code>
        </span>
        <CopyButton value={head_hash} label="the head hash" />
      </p>
    </Alert>
  );
}
