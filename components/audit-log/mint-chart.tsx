import type { ReactNode } from 'react';
import { Skeleton } from '../ui/skeleton';

/** One day in UTC. */
export type MintsOfDay = { day: string; minted: number; denied: number };

type MintChartProps = {
  days: MintsOfDay[];
  /** The log of one day. */
  dayHref: (day: string) => string;
  /** The day that is shown now. */
  selected: string | null;
};

const WIDTH = 900;
const HEIGHT = 72;

/** Drawn on the server; a day with events is a link that filters by it. No text in it, so that it may be stretched. */
export function MintChart({ days, dayHref, selected }: MintChartProps) {
  const minted = days.reduce((sum, day) => sum + day.minted, 0);
  const denied = days.reduce((sum, day) => sum + day.denied, 0);
  const most = Math.max(1, ...days.map((day) => day.minted + day.denied));
  const step = WIDTH / Math.max(1, days.length);
  return (
    <figure aria-labelledby="mint-chart" className="rounded-xl border bg-card px-4 pt-3 pb-2.5">
      <figcaption
        id="mint-chart"
        className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-[13px] text-muted"
      >
        <span>
          Tokens per day, last {days.length} days <span className="sr-only">in UTC</span>
        </span>
        <span className="flex gap-4 tabular-nums">
          <Legend colour="bg-accent">{minted.toLocaleString('en')} minted</Legend>
          <Legend colour="bg-danger">{denied.toLocaleString('en')} refused</Legend>
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="mt-2 block h-18 w-full overflow-visible"
      >
        <title>Tokens per day</title>
        {days.map((day, index) => (
          <Day
            key={day.day}
            {...day}
            x={index * step}
            width={step}
            scale={(HEIGHT - 4) / most}
            href={dayHref(day.day)}
            isSelected={day.day === selected}
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
      </svg>
      <div aria-hidden className="mt-1 flex justify-between text-muted text-xs tabular-nums">
        <span>{days[0]?.day}</span>
        <span>{days.at(-1)?.day}</span>
      </div>
    </figure>
  );
}

type DayProps = MintsOfDay & { x: number; width: number; scale: number; href: string; isSelected: boolean };

function Day({ day, minted, denied, x, width, scale, href, isSelected }: DayProps) {
  if (minted + denied === 0) return null;
  const bar = { x: x + width * 0.15, width: width * 0.7 };
  // One refusal among thousands of mints must still be seen.
  const deniedHeight = denied === 0 ? 0 : Math.max(2, denied * scale);
  const mintedHeight = minted === 0 ? 0 : Math.max(2, minted * scale);
  const words = `${day}: ${minted} minted, ${denied} refused`;
  return (
    <a href={href} aria-label={words} aria-current={isSelected ? 'true' : undefined} className="group">
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

/** Of the chart's size, so that nothing jumps. */
export function MintChartPending() {
  return <Skeleton shape="card" className="needs-script h-34" />;
}
