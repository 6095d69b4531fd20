'use client';

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { opensElsewhere } from '../ui/link';
import type { BrushRange } from './brush-periods';

type BrushProps = {
  /** The chart's periods, from old to new. */
  spans: readonly { label: string; from: string; to: string }[];
  unit: 'hour' | 'day';
  /** The zone of the periods; `undefined` for UTC. */
  zone: string | undefined;
  width: number;
  height: number;
  className: string;
  /** The chart's bars. Each focusable bar carries the index of its period in `data-index`. */
  children: ReactNode;
};

/**
 * Draws the chart and lets the user select periods, either by dragging the mouse or with Shift and an arrow key on a
 * focused bar. Enter opens the log for the selected periods, Escape clears the selection. A finger scrolls the chart. The
 * script for that is loaded when the pointer or the focus comes near.
 */
export function Brush({ spans, unit, zone, width, height, className, children }: BrushProps) {
  const ref = useRef<SVGSVGElement>(null);
  const [range, setRange] = useState<BrushRange>(null);
  const [first, last] = range === null ? [0, 0] : [Math.min(...range), Math.max(...range)];

  useEffect(() => {
    const svg = ref.current;
    if (svg === null) return;
    const isOver = new AbortController();
    const load = () => import('./brush-periods');
    const begin = () =>
      load().then(
        ({ brushPeriods }) => brushPeriods({ svg, spans, zone, setRange, signal: isOver.signal }),
        // Without the script, each bar is still a link.
        () => {},
      );
    for (const name of ['pointerover', 'focusin'])
      svg.addEventListener(name, begin, { once: true, signal: isOver.signal });
    // A click carries what is typed elsewhere, which the bar's link does not.
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element).closest('a');
      if (link === null || event.defaultPrevented || opensElsewhere(event)) return;
      event.preventDefault();
      load().then(
        ({ showBar }) => showBar(link, spans, zone),
        () => location.assign(link.getAttribute('href') ?? ''),
      );
    };
    svg.addEventListener('click', onClick, { signal: isOver.signal });
    return () => isOver.abort();
  }, [spans, zone]);

  return (
    <>
      <svg ref={ref} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" className={className}>
        <title>{`Tokens per ${unit}`}</title>
        {range === null || first === last ? null : (
          <rect
            x={(first * width) / spans.length}
            width={((last - first + 1) * width) / spans.length}
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
