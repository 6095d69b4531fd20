import type { ReactNode } from 'react';
import { Skeleton } from '../ui/skeleton';
import { Brush } from './brush';
import { type ChartSpan, ChartSpans } from './chart-spans';
import { hrefOfPeriod } from './event-filters';

type TokenChartProps = {
  spans: ChartSpan[];
  unit: 'hour' | 'day';
  /** The log's URL with its current filters. Each bar links to this URL narrowed to the bar's period. */
  href: string;
  /** The zone of the bars' periods; `undefined` for UTC. */
  zone: string | undefined;
};

const WIDTH = 900;
const HEIGHT = 48;

/** The most labels that fit below the chart on a phone. Hours have longer labels than days. */
const MOST_TICKS = { hour: 4, day: 5 };

/**
 * Server-rendered chart of tokens. Each bar links to the log of its hour or day, and dragging selects several. The SVG is
 * stretched to the page's width, which would distort text, so its axes are HTML. On a narrow screen the bars keep a
 * width that a finger can hit, and the chart scrolls, newest first.
 */
export function TokenChart({ spans, unit, href, zone }: TokenChartProps) {
  const minted = spans.reduce((sum, span) => sum + span.minted, 0);
  const denied = spans.reduce((sum, span) => sum + span.denied, 0);
  const atLeast = spans.some(({ partial }) => partial) ? 'at least ' : '';
  const most = Math.max(1, ...spans.map((span) => span.minted + span.denied));
  const step = WIDTH / Math.max(1, spans.length);
  const shown = spans
    .map((span, index) => ({ ...span, index, href: hrefOfPeriod(href, span, zone) }))
    .filter(({ minted, denied, isSelected }) => minted + denied > 0 || isSelected);
  const scroll = SCROLLS.find(({ upTo }) => spans.length <= upTo) ?? WIDEST;
  const every = Math.ceil(spans.length / MOST_TICKS[unit]);
  return (
    <figure aria-labelledby="token-chart" className="min-w-0 rounded-xl border bg-card px-4 pt-2 pb-1.5">
      <figcaption className="flex flex-wrap items-center justify-between gap-x-4 text-13 text-muted">
        <span id="token-chart">
          Tokens per {unit}
          <span className="sr-only">{zone === undefined ? ' in UTC' : ` in ${zone}`}</span>
          <span className="sr-only needs-script">
            . On a bar, Shift and an arrow key choose several; Enter shows them.
          </span>
        </span>
        <span className="flex gap-4 tabular-nums">
          <Legend colour="bg-accent">
            {atLeast}
            {minted.toLocaleString('en')} issued
          </Legend>
          <Legend colour="bg-danger">{denied.toLocaleString('en')} refused</Legend>
        </span>
      </figcaption>
      <div className="mt-1 flex gap-2">
        <div
          aria-hidden
          className="flex flex-col justify-between pb-4 text-muted text-xs tabular-nums leading-none"
        >
          <span>{most.toLocaleString('en')}</span>
          <span>0</span>
        </div>
        <div className="@container min-w-0 flex-1">
          {/* Reversed, so that the newest bars are in view before any scrolling. */}
          <section
            aria-labelledby="token-chart"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and without tokens it has no link to focus
            tabIndex={0}
            className={`overflow-x-auto [direction:rtl] ${scroll.fade}`}
          >
            {/* The first and the last label are wider than their bars, and need the padding. */}
            <div className={`px-7 [direction:ltr] ${scroll.width}`}>
              <Brush
                spans={spans}
                unit={unit}
                zone={zone}
                width={WIDTH}
                height={HEIGHT}
                className="block h-12 w-full cursor-crosshair select-none overflow-visible"
              >
                <ChartSpans spans={shown} width={step} height={HEIGHT} scale={(HEIGHT - 2) / most} />
                <line
                  x1="0"
                  x2={WIDTH}
                  y1={HEIGHT}
                  y2={HEIGHT}
                  className="stroke-border-strong"
                  vectorEffect="non-scaling-stroke"
                />
              </Brush>
              <div
                aria-hidden
                className="flex h-4 items-end text-muted text-xs tabular-nums leading-none *:flex *:w-0 *:flex-1 *:justify-center *:whitespace-nowrap"
              >
                {spans.map(({ label }, index) => (
                  <span key={label}>{(spans.length - 1 - index) % every === 0 ? label.slice(5) : null}</span>
                ))}
              </div>
            </div>
          </section>
        </div>
      </div>
    </figure>
  );
}

/**
 * The classes for a number of bars. Each bar has at least 24 px, which is what a finger can hit. Where the bars then scroll,
 * the left edge fades, so that a label that is partly in view is not read as another one.
 */
const SCROLLS = [
  { upTo: 14, fade: '', width: '' },
  {
    upTo: 31,
    fade: '@max-[51.25rem]:[mask-image:linear-gradient(to_right,transparent_0.75rem,black_3rem)]',
    width: '@max-[51.25rem]:min-w-[51.25rem] @max-[51.25rem]:pl-12',
  },
  {
    upTo: 72,
    fade: '@max-[112.75rem]:[mask-image:linear-gradient(to_right,transparent_0.75rem,black_3rem)]',
    width: '@max-[112.75rem]:min-w-[112.75rem] @max-[112.75rem]:pl-12',
  },
] as const;

const WIDEST = {
  fade: '[mask-image:linear-gradient(to_right,transparent_0.75rem,black_3rem)]',
  width: 'min-w-[142.75rem] pl-12',
};

function Legend({ colour, children }: { colour: string; children: ReactNode }) {
  return (
    <span className="flex items-center gap-1.5">
      <span aria-hidden className={`size-2 rounded-full forced-color-adjust-none ${colour}`} />
      {children}
    </span>
  );
}

/** Placeholder of the chart's size, so the page doesn't shift when the chart appears. */
export function TokenChartPending() {
  return <Skeleton shape="card" className="needs-script h-25" />;
}
