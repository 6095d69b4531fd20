'use client';

import { useEffect, useRef, useState } from 'react';
import { type Downloaded, downloadExport, ExportRefused } from './download-export';
import { type ExportState, ExportStatus } from './export-status';

/** For the browser to begin with the file. */
const KEEP_FILE_MS = 60_000;

function saveFile({ blob, file }: Downloaded): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: url, download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_FILE_MS);
}

export type ExportProgressProps = {
  href: string;
  /** At least so many events there are; `null` when nobody knows. */
  expected: number | null;
  onDismiss: () => void;
};

/** Exports as soon as it is shown, and no longer. */
export function ExportProgress({ href, expected, onDismiss }: ExportProgressProps) {
  const [attempt, setAttempt] = useState(1);
  const [state, setState] = useState<ExportState>({ name: 'running', events: 0, of: expected });
  const cancel = useRef(() => {});

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is what begins anew
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
        // Whatever lies between may have ended it early, and politely.
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
