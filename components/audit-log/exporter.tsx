'use client';

import { type ComponentType, type MouseEvent, type ReactNode, useRef, useState } from 'react';
import type { ExportProgressProps } from './export-progress';

type ExporterProps = {
  /** The links that download an export. */
  children: ReactNode;
  /** The minimum number of events in the export; `null` if it is unknown. */
  expected: number | null;
};

/** The values from when the export started, kept because the page may change while the export is running. */
type Running = {
  id: number;
  href: string;
  expected: number | null;
  Progress: ComponentType<ExportProgressProps>;
};

/**
 * Intercepts clicks on the download links inside it, to show the download's progress. The script that does so is loaded
 * on the first click. If loading fails, or the click opens a new tab, the browser follows the link as usual.
 */
export function Exporter({ children, expected }: ExporterProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [running, setRunning] = useState<Running | null>(null);

  const onClick = async (event: MouseEvent) => {
    const link = event.target instanceof Element && event.target.closest<HTMLAnchorElement>('a[download]');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { href } = link;
    try {
      const { ExportProgress: Progress } = await import('./export-progress');
      setRunning((before) => ({ id: (before?.id ?? 0) + 1, href, expected, Progress }));
    } catch {
      location.assign(href);
    }
  };

  return (
    // biome-ignore lint/a11y: the reader clicks the links, this element only listens
    <div ref={ref} onClick={onClick}>
      {children}
      {running ? (
        <running.Progress
          key={running.id}
          href={running.href}
          expected={running.expected}
          onDismiss={() => {
            setRunning(null);
            ref.current?.querySelector('summary')?.focus();
          }}
        />
      ) : null}
    </div>
  );
}
