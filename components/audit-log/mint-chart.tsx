import type { ReactNode } from 'react';
import type { MintsOfDay } from '@/lib/audit/per-day';
import { Skeleton } from '../ui/skeleton';
import { Brush } from './brush';
import { ChartDays } from './chart-days';

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
  const shown = days
    .map((day, index) => ({ ...day, index, isSelected: isWithin(day.day, selected) }))
    .filter(({ minted, denied, isSelected }) => minted + denied > 0 || isSelected);
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
        <ChartDays days={shown} href={href} width={step} height={HEIGHT} scale={(HEIGHT - 4) / most} />
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

const isWithin = (day: string, selected: MintChartProps['selected']) =>
  selected !== null && selected.from <= day && day <= selected.to;

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
