'use client';

import { type ComponentType, type MouseEvent, type ReactNode, useRef, useState } from 'react';
import { opensElsewhere } from '../ui/link';
import type { ExportProgressProps } from './export-progress';

type ExporterProps = {
  /** The export's download links. */
  children: ReactNode;
  /** The export has at least this many events; `null` if the number is unknown. */
  expected: number | null;
};

/** A running export, with its values as of the click, because the page may change while it runs. */
type Running = {
  id: number;
  href: string;
  expected: number | null;
  Progress: ComponentType<ExportProgressProps>;
};

/**
 * Intercepts clicks on the download links it contains, so that it can show progress. The script for that is loaded on
 * the first click. If the script fails to load, or the click opens a new tab, the browser follows the link as usual.
 */
export function Exporter({ children, expected }: ExporterProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [running, setRunning] = useState<Running | null>(null);

  const onClick = async (event: MouseEvent) => {
    const link = event.target instanceof Element && event.target.closest<HTMLAnchorElement>('a[download]');
    if (!link || opensElsewhere(event)) return;
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
    // biome-ignore lint/a11y: users click the links, this element only listens
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
