import { Card } from '../ui/card';

const STEPS = [
  'You install the App on GitHub and pick repositories.',
  'A service asks PulseStream for a token, with its key.',
  'GitHub issues a read-only token for one hour.',
  'PulseStream logs its hash, then hands it over. It keeps no copy.',
  'The service clones from GitHub. Code never passes PulseStream.',
] as const;

type Box = { x: number; y: number; width: number; height: number; title: string; about: string };
/** A line with an arrow head at its end. `number` names the step, beside the line. */
type Arrow = { path: string; number: number; at: readonly [x: number, y: number]; isCode?: boolean };
type Drawing = {
  width: number;
  height: number;
  boxes: readonly Box[];
  arrows: readonly Arrow[];
  /** Where the first step happens, which has no arrow. */
  install: readonly [x: number, y: number];
};

const WIDE: Drawing = {
  width: 720,
  height: 236,
  boxes: [
    { x: 8, y: 48, width: 168, height: 140, title: 'GitHub', about: 'your account, your code' },
    { x: 276, y: 8, width: 168, height: 104, title: 'PulseStream', about: 'no code, no tokens' },
    { x: 544, y: 48, width: 168, height: 140, title: 'Service', about: 'reads your code' },
  ],
  arrows: [
    { path: 'M544 66 H450', number: 2, at: [497, 52] },
    { path: 'M276 60 H182', number: 3, at: [229, 46] },
    { path: 'M444 98 H538', number: 4, at: [491, 84] },
    { path: 'M176 168 H538', number: 5, at: [360, 150], isCode: true },
  ],
  install: [92, 48],
};

const NARROW: Drawing = {
  width: 320,
  height: 372,
  boxes: [
    { x: 8, y: 8, width: 304, height: 68, title: 'GitHub', about: 'your account, your code' },
    { x: 8, y: 152, width: 196, height: 68, title: 'PulseStream', about: 'no code, no tokens' },
    { x: 8, y: 296, width: 304, height: 68, title: 'Service', about: 'reads your code' },
  ],
  arrows: [
    { path: 'M60 296 V226', number: 2, at: [36, 261] },
    { path: 'M106 152 V82', number: 3, at: [82, 117] },
    { path: 'M152 220 V290', number: 4, at: [176, 255] },
    { path: 'M258 76 V290', number: 5, at: [282, 186], isCode: true },
  ],
  install: [36, 42],
};

/** Shows the way of a token and the way of the code. The steps below the picture say the same in words. */
export function DataFlow() {
  return (
    <Card className="grid grid-cols-1 gap-5 p-4 sm:p-6">
      <Picture drawing={WIDE} className="max-sm:hidden" />
      <Picture drawing={NARROW} className="sm:hidden" />
      <ol className="grid grid-cols-1 gap-x-8 gap-y-1.5 text-sm sm:grid-cols-2">
        {STEPS.map((step, index) => (
          <li key={step} className="flex gap-2.5 leading-relaxed">
            <span
              aria-hidden
              className="mt-0.5 inline-flex size-5 shrink-0 items-center justify-center rounded-full border border-border-strong font-medium text-xs tabular-nums"
            >
              {index + 1}
            </span>
            {step}
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** The steps say all of this in words, so screen readers skip the picture. */
function Picture({ drawing, className }: { drawing: Drawing; className: string }) {
  const { width, height, boxes, arrows, install } = drawing;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      className={`mx-auto w-full max-w-3xl ${className}`}
    >
      {boxes.map((box) => (
        <g key={box.title}>
          <rect
            x={box.x}
            y={box.y}
            width={box.width}
            height={box.height}
            rx="10"
            className="fill-surface stroke-border-strong forced-colors:fill-[Canvas] forced-colors:stroke-[CanvasText]"
          />
          <Words x={box.x + box.width / 2} y={box.y + box.height / 2 - 6} className="font-semibold text-15">
            {box.title}
          </Words>
          <Words x={box.x + box.width / 2} y={box.y + box.height / 2 + 15} className="fill-muted text-[12px]">
            {box.about}
          </Words>
        </g>
      ))}
      {arrows.map((arrow) => (
        <ArrowLine key={arrow.number} {...arrow} />
      ))}
      <StepNumber number={1} at={install} />
    </svg>
  );
}

function ArrowLine({ path, number, at, isCode = false }: Arrow) {
  const colour = isCode ? 'stroke-accent' : 'stroke-foreground';
  return (
    <g className={`${colour} forced-colors:stroke-[CanvasText]`}>
      <path d={path} fill="none" strokeWidth={isCode ? 4 : 1.5} />
      <path d={headOf(path)} fill="none" strokeWidth={isCode ? 4 : 1.5} strokeLinecap="round" />
      <StepNumber number={number} at={at} />
    </g>
  );
}

function StepNumber({ number, at: [x, y] }: Pick<Arrow, 'number' | 'at'>) {
  return (
    <>
      <circle
        cx={x}
        cy={y}
        r="10"
        strokeWidth="1"
        className="fill-card stroke-border-strong forced-colors:fill-[Canvas] forced-colors:stroke-[CanvasText]"
      />
      <Words x={x} y={y + 4} className="font-medium text-[12px]">
        {String(number)}
      </Words>
    </>
  );
}

/** Draws the two strokes of an arrow head at the end of a straight path. */
function headOf(path: string): string {
  const [, x1 = '0', y1 = '0', direction = 'H', end = '0'] = /^M(\d+) (\d+) ([HV])(\d+)$/.exec(path) ?? [];
  const [x, y] = direction === 'H' ? [Number(end), Number(y1)] : [Number(x1), Number(end)];
  const back = (direction === 'H' ? Number(x1) : Number(y1)) < Number(end) ? -7 : 7;
  return direction === 'H'
    ? `M${x + back} ${y - 5} L${x} ${y} L${x + back} ${y + 5}`
    : `M${x - 5} ${y + back} L${x} ${y} L${x + 5} ${y + back}`;
}

function Words({ x, y, className, children }: { x: number; y: number; className: string; children: string }) {
  return (
    <text
      x={x}
      y={y}
      textAnchor="middle"
      stroke="none"
      className={`fill-foreground forced-colors:fill-[CanvasText] ${className}`}
    >
      {children}
    </text>
  );
}
