'use client';

import { useRouter } from 'next/navigation';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { hrefOfPeriod } from './event-filters';

type BrushProps = {
  /** The chart's periods, from old to new. */
  spans: readonly { label: string; from: string; to: string }[];
  unit: 'hour' | 'day';
  /** The log's URL with its current filters. */
  href: string;
  zone: string | undefined;
  width: number;
  height: number;
  className: string;
  /** The chart's bars. Each focusable bar carries the index of its period in `data-index`. */
  children: ReactNode;
};

/**
 * Draws the chart and lets the user select periods, either by dragging the mouse or with Shift and an arrow key on a
 * focused bar. Enter opens the log for the selected periods, Escape clears the selection. A finger scrolls the chart.
 */
export function Brush({ spans, unit, href, zone, width, height, className, children }: BrushProps) {
  const router = useRouter();
  const [range, setRange] = useState<[start: number, end: number] | null>(null);
  const dragged = useRef(false);
  const step = width / Math.max(1, spans.length);
  const clamp = (index: number) => Math.min(spans.length - 1, Math.max(0, index));
  const [first, last] = range === null ? [0, 0] : [Math.min(...range), Math.max(...range)];

  const show = () => {
    setRange(null);
    const period = { from: spans[first]?.from ?? '', to: spans[last]?.to ?? '' };
    router.push(hrefOfPeriod(href, period, zone), { scroll: false });
  };
  const spanAt = ({ currentTarget, clientX }: PointerEvent<SVGElement>) => {
    const box = currentTarget.getBoundingClientRect();
    return clamp(Math.floor(((clientX - box.left) / box.width) * spans.length));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const focused = Number((event.target as Element).getAttribute('data-index') ?? Number.NaN);
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.shiftKey && by !== undefined && !Number.isNaN(focused)) {
      event.preventDefault();
      const [start, end] = range ?? [focused, focused];
      setRange([start, clamp(end + by)]);
    } else if (range !== null && event.key === 'Enter') {
      event.preventDefault();
      show();
    } else if (event.key === 'Escape') setRange(null);
  };

  return (
    <>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        className={className}
        onDragStart={(event) => event.preventDefault()}
        onPointerDown={(event) => {
          dragged.current = false;
          if (event.button === 0 && event.pointerType === 'mouse') setRange([spanAt(event), spanAt(event)]);
        }}
        onPointerMove={(event) => {
          if (range === null || (event.buttons & 1) === 0 || spanAt(event) === range[1]) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          dragged.current = true;
          setRange([range[0], spanAt(event)]);
        }}
        onPointerUp={() => (dragged.current && range !== null ? show() : setRange(null))}
        onPointerCancel={() => setRange(null)}
        onClickCapture={(event) => {
          // If a drag ends on a bar, the browser also fires a click there. Don't follow the bar's link.
          if (dragged.current && event.detail > 0) event.preventDefault();
          dragged.current = false;
        }}
        onKeyDown={onKeyDown}
      >
        <title>{`Tokens per ${unit}`}</title>
        {range === null || first === last ? null : (
          <rect
            x={first * step}
            width={(last - first + 1) * step}
            height={height}
            className="fill-accent-surface"
          />
        )}
        {children}
      </svg>
      <span aria-live="polite" className="sr-only">
        {range === null || first === last
          ? ''
          : `${spans[first]?.label} to ${spans[last]?.label}: Enter shows these ${unit}s`}
      </span>
    </>
  );
}
