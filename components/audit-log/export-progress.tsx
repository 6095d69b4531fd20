'use client';

import { CircleAlert, CircleCheck, CircleSlash, LoaderCircle, type LucideIcon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { counted } from '@/lib/contract/counted';
import { Button } from '../ui/button';
import { cn } from '../ui/cn';
import { ProgressBar } from '../ui/progress-bar';
import { type Downloaded, downloadExport, ExportRefused } from './download-export';

/** How long to keep the file's blob URL after starting the download. Revoking it sooner could interrupt the save. */
const KEEP_FILE_MS = 60_000;

function saveFile({ blob, file }: Downloaded): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: url, download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_FILE_MS);
}

export type ExportProgressProps = {
  href: string;
  /** The export has at least this many events; `null` if the number is unknown. */
  expected: number | null;
  onDismiss: () => void;
};

/** Starts the export on mount, then shows its progress. */
export function ExportProgress({ href, expected, onDismiss }: ExportProgressProps) {
  const [attempt, setAttempt] = useState(1);
  const [state, setState] = useState<ExportState>({ name: 'running', events: 0, of: expected });
  const cancel = useRef(() => {});

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new `attempt` restarts the export
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    cancel.current = () => controller.abort();
    let seen = 0;
    const onEvents = (events: number) => {
      seen = events;
      if (!signal.aborted) setState({ name: 'running', events, of: expected });
    };
    const run = async (): Promise<ExportState> => {
      try {
        const downloaded = await downloadExport({ href, signal, onEvents });
        // A proxy may cut the response short without an error. The file then has fewer events than expected, so don't
        // save it.
        if (downloaded.events < (expected ?? 0)) return { name: 'broken', events: downloaded.events };
        saveFile(downloaded);
        return { name: 'saved', events: downloaded.events, file: downloaded.file };
      } catch (error) {
        if (signal.aborted) return { name: 'cancelled' };
        if (error instanceof ExportRefused)
          return { name: 'refused', title: error.title, message: error.message };
        return { name: 'broken', events: seen };
      }
    };
    setState({ name: 'running', events: 0, of: expected });
    run().then(setState);
    return () => controller.abort();
  }, [href, expected, attempt]);

  return (
    <ExportStatus
      state={state}
      onCancel={() => cancel.current()}
      onRetry={() => setAttempt(attempt + 1)}
      onDismiss={onDismiss}
    />
  );
}

/** The state of an export. `of` is the expected number of events; `null` if it is unknown. */
export type ExportState =
  | { name: 'running'; events: number; of: number | null }
  | { name: 'saved'; events: number; file: string }
  | { name: 'cancelled' }
  | { name: 'broken'; events: number }
  | { name: 'refused'; title: string; message: string };

type Look = { icon: LucideIcon; iconClasses: string };

const LOOK: Record<ExportState['name'], Look> = {
  running: { icon: LoaderCircle, iconClasses: 'animate-spin text-muted' },
  saved: { icon: CircleCheck, iconClasses: 'text-success' },
  cancelled: { icon: CircleSlash, iconClasses: 'text-muted' },
  broken: { icon: CircleAlert, iconClasses: 'text-danger' },
  refused: { icon: CircleAlert, iconClasses: 'text-danger' },
};

/**
 * Returns the texts for a state. A screen reader reads out every change to `spoken`, so `spoken` changes only at each
 * quarter.
 */
function inWords(state: ExportState): { title: string; about: string; spoken: string } {
  const words = (title: string, about: string) => ({ title, about, spoken: `${title}. ${about}` });
  switch (state.name) {
    case 'running': {
      const { events, of } = state;
      if (of === null) return { title: 'Exporting', about: counted(events, 'event'), spoken: 'Exporting' };
      const quarters = Math.min(3, Math.floor((events / of) * 4));
      return {
        title: 'Exporting',
        about: `${Math.min(events, of).toLocaleString('en')} of ${counted(of, 'event')}`,
        spoken: quarters === 0 ? 'Exporting' : `Exporting: ${quarters * 25} percent`,
      };
    }
    case 'saved':
      return words('Exported', `${counted(state.events, 'event')} saved as ${state.file}`);
    case 'cancelled':
      return words('Export cancelled', 'Nothing was saved.');
    case 'broken':
      return words(
        'The connection broke',
        `It had come to ${counted(state.events, 'event')}. Nothing was saved, as half a log could pass for a whole one. Try again.`,
      );
    case 'refused':
      return words(state.title, state.message);
    default:
      return state satisfies never;
  }
}

type ExportStatusProps = {
  state: ExportState;
  onCancel: () => void;
  onRetry: () => void;
  onDismiss: () => void;
  /** Classes that position the panel. By default it floats above the page's bottom corner. */
  className?: string;
};

export function ExportStatus({
  state,
  onCancel,
  onRetry,
  onDismiss,
  className = 'fixed right-4 bottom-4 z-40 shadow-lg max-sm:left-4 sm:w-96',
}: ExportStatusProps) {
  const { icon: Icon, iconClasses } = LOOK[state.name];
  const { title, about, spoken } = inWords(state);
  const running = state.name === 'running';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields, and there are none
    <div
      role="group"
      aria-label="Export"
      className={cn('grid gap-3 rounded-xl border bg-card p-4 text-sm', className)}
    >
      <p role="status" className="sr-only">
        {spoken}
      </p>
      <div className="flex gap-3">
        <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', iconClasses)} />
        <div className="min-w-0">
          <p className="font-medium">{title}</p>
          <p className="wrap-anywhere mt-0.5 text-muted tabular-nums">{about}</p>
        </div>
      </div>
      {running ? (
        <ProgressBar
          label="Events exported"
          value={state.of === null ? null : Math.min(state.events, state.of)}
          max={state.of ?? 1}
        />
      ) : null}
      <div className="flex flex-wrap gap-2">
        {/* Cancel turns into Dismiss. Both are one element, so pressing Cancel doesn't lose the focus. */}
        <Button size="sm" onClick={running ? onCancel : onDismiss}>
          {running ? 'Cancel' : 'Dismiss'}
        </Button>
        {state.name === 'broken' || state.name === 'refused' ? (
          <Button size="sm" variant="primary" onClick={onRetry}>
            Try again
          </Button>
        ) : null}
      </div>
    </div>
  );
}
