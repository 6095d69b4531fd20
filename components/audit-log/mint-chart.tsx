import type { ReactNode } from 'react';
import type { MintsOfDay } from '@/lib/audit/per-day';
import { Skeleton } from '../ui/skeleton';
import { Brush } from './brush';
import { hrefOfDays } from './event-filters';

type MintChartProps = {
  days: MintsOfDay[];
  /** The log's URL with its current filters. Each day links to this URL narrowed to that day. */
  href: string;
  /** The selected days; `null` if none are selected. */
  selected: { from: string; to: string } | null;
};

const WIDTH = 900;
const HEIGHT = 72;

/**
 * Server-rendered chart of tokens per day. Each day with events links to that day's log, and dragging selects several
 * days. The SVG is stretched to the page's width, which would distort text, so it contains none.
 */
export function MintChart({ days, href, selected }: MintChartProps) {
  const minted = days.reduce((sum, day) => sum + day.minted, 0);
  const denied = days.reduce((sum, day) => sum + day.denied, 0);
  const atLeast = days.some(({ partial }) => partial) ? 'at least ' : '';
  const most = Math.max(1, ...days.map((day) => day.minted + day.denied));
  const step = WIDTH / Math.max(1, days.length);
  return (
    <figure aria-labelledby="mint-chart" className="rounded-xl border bg-card px-4 pt-3 pb-2.5">
      <figcaption className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-[13px] text-muted">
        <span>
          <span id="mint-chart">
            Tokens per day, {days.length === 1 ? 'today' : `last ${days.length} days`}{' '}
            <span className="sr-only">in UTC</span>
          </span>
          <span className="sr-only needs-script">
            On a day, Shift and an arrow key choose several; Enter shows them.
          </span>
          <span className="max-sm:block">
            <span aria-hidden className="max-sm:hidden">
              ·{' '}
            </span>
            {minted + denied === 0 ? (
              'None yet'
            ) : (
              <>
                Click a day<span className="needs-script">, or drag over several,</span> to filter
              </>
            )}
          </span>
        </span>
        <span className="flex gap-4 tabular-nums">
          <Legend colour="bg-accent">
            {atLeast}
            {minted.toLocaleString('en')} minted
          </Legend>
          <Legend colour="bg-danger">{denied.toLocaleString('en')} refused</Legend>
        </span>
      </figcaption>
      <Brush
        days={days.map(({ day }) => day)}
        href={href}
        width={WIDTH}
        height={HEIGHT}
        className="mt-2 block h-18 w-full cursor-crosshair touch-pan-y select-none overflow-visible"
      >
        {days.map((day, index) => (
          <Day
            key={day.day}
            {...day}
            x={index * step}
            width={step}
            scale={(HEIGHT - 4) / most}
            index={index}
            href={hrefOfDays(href, day.day, day.day)}
            isSelected={selected !== null && selected.from <= day.day && day.day <= selected.to}
          />
        ))}
        <line
          x1="0"
          x2={WIDTH}
          y1={HEIGHT}
          y2={HEIGHT}
          className="stroke-border-strong"
          vectorEffect="non-scaling-stroke"
        />
      </Brush>
      <div aria-hidden className="mt-1 flex justify-between text-muted text-xs tabular-nums">
        <span>{days[0]?.day}</span>
        {minted + denied === 0 ? null : (
          <span>
            most: {most.toLocaleString('en')}
            {days.some((day) => day.partial && day.minted + day.denied === most) ? '+' : ''} a day
          </span>
        )}
        <span>{days.at(-1)?.day}</span>
      </div>
    </figure>
  );
}

type DayProps = MintsOfDay & {
  index: number;
  x: number;
  width: number;
  scale: number;
  href: string;
  isSelected: boolean;
};

function Day({ day, minted, denied, partial, index, x, width, scale, href, isSelected }: DayProps) {
  if (minted + denied === 0)
    return isSelected ? <rect x={x} width={width} height={HEIGHT} className="fill-accent-surface" /> : null;
  const bar = { x: x + width * 0.15, width: width * 0.7 };
  // At least 2 units high, so a single refusal stays visible among thousands of mints.
  const deniedHeight = denied === 0 ? 0 : Math.max(2, denied * scale);
  const mintedHeight = minted === 0 ? 0 : Math.max(2, minted * scale);
  const words = `${day}: ${partial ? 'at least ' : ''}${minted} minted, ${denied} refused`;
  return (
    <a
      href={href}
      data-index={index}
      aria-label={words}
      aria-current={isSelected ? 'true' : undefined}
      className="group"
    >
      <title>{words}</title>
      <rect
        x={x}
        width={width}
        height={HEIGHT}
        className={isSelected ? 'fill-accent-surface' : 'fill-transparent group-hover:fill-hover'}
      />
      <rect {...bar} y={HEIGHT - mintedHeight} height={mintedHeight} className="fill-accent" />
      <rect
        {...bar}
        y={Math.max(0, HEIGHT - mintedHeight - deniedHeight)}
        height={deniedHeight}
        className="fill-danger"
      />
    </a>
  );
}

function Legend({ colour, children }: { colour: string; children: ReactNode }) {
  return (
    <span className="flex items-center gap-1.5">
      <span aria-hidden className={`size-2 rounded-full ${colour}`} />
      {children}
    </span>
  );
}

/** Placeholder of the chart's size, so the page doesn't shift when the chart appears. */
export function MintChartPending() {
  return <Skeleton shape="card" className="needs-script h-47 sm:h-36" />;
}
