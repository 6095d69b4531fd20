import type { DayOfUse } from '@/lib/audit/usage';

const WIDTH = 600;
const HEIGHT = 72;

/** Draws tokens per day. The SVG is stretched to the card's width, which would distort text, so it contains none. */
export function UsageChart({ days }: { days: readonly DayOfUse[] }) {
  const most = Math.max(1, ...days.map(({ minted, denied }) => minted + denied));
  const step = WIDTH / Math.max(1, days.length);
  return (
    <figure>
      <svg
        role="img"
        aria-label={inWords(days)}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-18 w-full"
      >
        {days.map((day, index) => (
          <Day key={day.day} {...day} x={index * step} width={step} scale={(HEIGHT - 4) / most} />
        ))}
        <line
          x2={WIDTH}
          y1={HEIGHT}
          y2={HEIGHT}
          className="stroke-border-strong"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <div aria-hidden className="mt-1 flex justify-between gap-2 text-muted text-xs tabular-nums">
        <span>{days[0]?.day}</span>
        <span>Peak: {most.toLocaleString('en')} a day</span>
        <span>{days.at(-1)?.day}</span>
      </div>
    </figure>
  );
}

type DayProps = DayOfUse & { x: number; width: number; scale: number };

function Day({ day, minted, denied, partial, x, width, scale }: DayProps) {
  if (minted + denied === 0) return null;
  // At least 2 units high, so that a single refusal stays visible among thousands of tokens.
  const [issued, refused] = [minted, denied].map((count) =>
    count === 0 ? 0 : Math.max(2, count * scale),
  ) as [number, number];
  const bar = { x: x + width * 0.15, width: width * 0.7 };
  return (
    <g>
      <title>{`${day}: ${partial ? 'at least ' : ''}${minted} issued, ${denied} refused`}</title>
      <rect {...bar} y={HEIGHT - issued} height={issued} className="fill-accent" />
      <rect {...bar} y={Math.max(0, HEIGHT - issued - refused)} height={refused} className="fill-danger" />
    </g>
  );
}

/** Sums the days up. */
export function totalsOf(days: readonly DayOfUse[]): { issued: number; refused: number; atLeast: string } {
  return {
    issued: days.reduce((sum, { minted }) => sum + minted, 0),
    refused: days.reduce((sum, { denied }) => sum + denied, 0),
    atLeast: days.some(({ partial }) => partial) ? 'at least ' : '',
  };
}

function inWords(days: readonly DayOfUse[]): string {
  const { issued, refused, atLeast } = totalsOf(days);
  const busy = [...days].sort((a, b) => b.minted + b.denied - (a.minted + a.denied))[0];
  const peak = busy && busy.minted + busy.denied > 0 ? ` Most on ${busy.day}.` : '';
  return `Tokens per day: ${atLeast}${issued} issued and ${refused} refused in ${days.length} days, in UTC.${peak}`;
}
