'use client';

import type { MintsOfDay } from '@/lib/audit/per-day';
import { hrefOfDays } from './event-filters';

/** A day of the chart, and its place from the left. */
export type DayOfChart = MintsOfDay & { index: number; isSelected: boolean };

type ChartDaysProps = {
  days: DayOfChart[];
  /** The log's URL with its current filters. Each day links to this URL narrowed to that day. */
  href: string;
  /** The width of one day. */
  width: number;
  height: number;
  /** The height of one token. */
  scale: number;
};

/**
 * Draws the chart's days. A client component, because a page contains a server component's elements a second time, as
 * data for the script.
 */
export function ChartDays({ days, ...chart }: ChartDaysProps) {
  return days.map((day) => <Day key={day.day} {...day} {...chart} />);
}

type DayProps = DayOfChart & Omit<ChartDaysProps, 'days'>;

function Day({ day, minted, denied, partial, index, isSelected, href, width, height, scale }: DayProps) {
  const x = index * width;
  if (minted + denied === 0)
    return isSelected ? <rect x={x} width={width} height={height} className="fill-accent-surface" /> : null;
  const bar = { x: x + width * 0.15, width: width * 0.7 };
  // At least 2 units high, so a single refusal stays visible among thousands of mints.
  const deniedHeight = denied === 0 ? 0 : Math.max(2, denied * scale);
  const mintedHeight = minted === 0 ? 0 : Math.max(2, minted * scale);
  const words = `${day}: ${partial ? 'at least ' : ''}${minted} minted, ${denied} refused`;
  return (
    <a
      href={hrefOfDays(href, day, day)}
      data-index={index}
      aria-label={words}
      aria-current={isSelected ? 'true' : undefined}
      className="group"
    >
      <title>{words}</title>
      <rect
        x={x}
        width={width}
        height={height}
        className={isSelected ? 'fill-accent-surface' : 'fill-transparent group-hover:fill-hover'}
      />
      <rect {...bar} y={height - mintedHeight} height={mintedHeight} className="fill-accent" />
      <rect
        {...bar}
        y={Math.max(0, height - mintedHeight - deniedHeight)}
        height={deniedHeight}
        className="fill-danger"
      />
    </a>
  );
}
