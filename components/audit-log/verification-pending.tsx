import { LoaderCircle } from 'lucide-react';
import { ProgressBar } from '../ui/progress-bar';

type VerificationPendingProps = {
  /** `null` until there is something to tell. */
  progress: { events: number; of: number } | null;
};

/** Only the first one is announced, and then the result: not each figure on the way. */
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
            : `${progress.events.toLocaleString('en')} of ${progress.of.toLocaleString('en')} events`}
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
