'use client';

/** The tokens of an hour or a day, and the period to which its bar leads. */
export type ChartSpan = {
  /** `2026-11-24`, or `2026-11-24 09:00` for an hour. */
  label: string;
  from: string;
  to: string;
  minted: number;
  denied: number;
  partial: boolean;
  isSelected: boolean;
};

/** A bar of the chart, its place from the left, and the log's URL narrowed to its period. */
export type PlacedSpan = ChartSpan & { index: number; href: string };

type ChartSpansProps = {
  spans: PlacedSpan[];
  /** The width of one bar. */
  width: number;
  height: number;
  /** The height of one token. */
  scale: number;
};

/**
 * Draws the chart's bars. A client component, because a page contains a server component's elements a second time, as
 * data for the script.
 */
export function ChartSpans({ spans, ...chart }: ChartSpansProps) {
  return spans.map((span) => <Span key={span.from} {...span} {...chart} />);
}

type SpanProps = PlacedSpan & Omit<ChartSpansProps, 'spans'>;

function Span({ label, href, minted, denied, partial, index, isSelected, ...chart }: SpanProps) {
  const { width, height, scale } = chart;
  const x = index * width;
  if (minted + denied === 0)
    return isSelected ? <rect x={x} width={width} height={height} className="fill-accent-surface" /> : null;
  const bar = { x: x + width * 0.15, width: width * 0.7 };
  // At least 2 units high, so a single refusal stays visible among thousands of tokens.
  const deniedHeight = denied === 0 ? 0 : Math.max(2, denied * scale);
  const mintedHeight = minted === 0 ? 0 : Math.max(2, minted * scale);
  const words = `${label}: ${partial ? 'at least ' : ''}${minted} issued, ${denied} refused`;
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
