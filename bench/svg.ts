/** Draws the bench's pictures as SVG. Each follows the reader's theme, and has its own background. */
import type { Series } from './report';

const WIDTH = 480;
const MARGIN = 20;
const RIGHT = 28;
/** Leaves room for the labels of a y axis. */
const LEFT = 52;
const PLOT = WIDTH - LEFT - RIGHT;
/** Fits under the title of a picture. */
const TOP = 72;

/** Large enough to read where the picture is 390 px wide. Colours pass 4.5:1 on their background. */
const STYLE = `<style>
:root { --back: #ffffff; --ink: #1f2328; --quiet: #59636e; --line: #d1d9e0; --ours: #0f62ae; --other: #a04100; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0d1117; --ink: #f0f6fc; --quiet: #9198a1; --line: #3d444d; --ours: #6cb2ff; --other: #ff9d57; }
}
text { font: 15px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink); paint-order: stroke; stroke: var(--back); stroke-width: 3px; }
.title { font-size: 17px; font-weight: 600; }
.quiet { fill: var(--quiet); }
.axis { stroke: var(--line); stroke-width: 1; }
.ours { fill: var(--ours); }
.other { fill: var(--other); }
path { fill: none; stroke-width: 3; }
.stroke-ours { stroke: var(--ours); }
.stroke-other { stroke: var(--other); stroke-dasharray: 7 5; }
</style>`;

/** Selects one of two colours. */
type Role = 'ours' | 'other';

export interface Bars {
  title: string;
  description: string;
  unit: string;
  groups: { name: string; bars: { label: string; value: number; role: Role }[] }[];
}

/** Draws horizontal bars in groups, above an axis that begins at 0. */
export function drawBars({ title, description, unit, groups }: Bars): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const ticks = ticksTo(Math.max(...values));
  const end = ticks.at(-1) ?? 1;
  const plot = WIDTH - MARGIN - RIGHT;
  const at = (value: number) => MARGIN + (value / end) * plot;
  const lines: string[] = [];
  let y = TOP;
  for (const { name, bars } of groups) {
    lines.push(text(MARGIN, y + 6, name));
    for (const { label, value, role } of bars) {
      lines.push(
        `<rect class="${role}" x="${MARGIN}" y="${y + 16}" width="${round(at(value) - MARGIN)}" height="14" rx="2"/>`,
      );
      lines.push(text(MARGIN, y + 46, `${label}: ${value} ${unit}`, 'quiet'));
      y += 38;
    }
    y += 30;
  }
  const axis = ticks.map((tick) => {
    const x = round(at(tick));
    const line = `<line class="axis" x1="${x}" x2="${x}" y1="${TOP - 14}" y2="${y}"/>`;
    return `${line}${text(x, y + 20, String(tick), 'quiet', 'middle')}`;
  });
  const unitOfAxis = text(WIDTH - RIGHT, y + 40, unit, 'quiet', 'end');
  return picture(title, description, y + 52, [...axis, unitOfAxis, ...lines]);
}

export interface Lines {
  title: string;
  description: string;
  xLabel: string;
  unit: string;
  series: readonly Series[];
}

const PLOT_HEIGHT = 190;

/** Draws up to two lines over a logarithmic x axis and a y axis that begins at 0. */
export function drawLines({ title, description, xLabel, unit, series }: Lines): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const [first = 1, last = 10] = [xs[0], xs.at(-1)];
  const ticks = ticksTo(Math.max(1, ...series.flatMap(({ points }) => points.map(({ y }) => y))));
  const bottom = TOP + PLOT_HEIGHT;
  const xAt = (x: number) => round(LEFT + (Math.log(x / first) / Math.log(last / first || 10)) * PLOT);
  const yAt = (y: number) => round(bottom - (y / (ticks.at(-1) ?? 1)) * PLOT_HEIGHT);
  const grid = ticks.map(
    (tick) =>
      `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${yAt(tick)}" y2="${yAt(tick)}"/>${text(LEFT - 8, yAt(tick) + 5, String(tick), 'quiet', 'end')}`,
  );
  const marks = spaced(xs, xAt).map((x) => text(xAt(x), bottom + 22, short(x), 'quiet', 'middle'));
  const drawn = series.map(({ name, points }, index) => {
    const role: Role = index === 0 ? 'ours' : 'other';
    const line = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${xAt(x)} ${yAt(y)}`).join(' ');
    const dots = points.map(({ x, y }) => `<circle class="${role}" cx="${xAt(x)}" cy="${yAt(y)}" r="4"/>`);
    const row = bottom + 66 + index * 22;
    const key = `<path class="stroke-${role}" d="M${LEFT} ${row - 5} h28"/>${text(LEFT + 36, row, name)}`;
    return `<path class="stroke-${role}" d="${line}"/>${dots.join('')}${key}`;
  });
  const units = [
    text(LEFT - 8, TOP - 14, unit, 'quiet', 'end'),
    text(WIDTH - RIGHT, bottom + 44, xLabel, 'quiet', 'end'),
  ];
  return picture(title, description, bottom + 64 + series.length * 22, [
    ...grid,
    ...marks,
    ...units,
    ...drawn,
  ]);
}

/** Draws a picture that only says why it has no data. */
export function drawNothing(title: string, reason: string): string {
  return picture(title, reason, 110, [text(MARGIN, 72, reason, 'quiet')]);
}

function picture(title: string, description: string, height: number, parts: string[]): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description)}</desc>`,
    STYLE,
    `<rect width="${WIDTH}" height="${height}" rx="8" style="fill: var(--back)"/>`,
    text(MARGIN, 32, title, 'title'),
    ...parts,
    '</svg>',
  ].join('\n')}\n`;
}

function text(x: number, y: number, content: string, role = '', anchor = 'start'): string {
  const attributes = `${role === '' ? '' : ` class="${role}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`;
  return `<text x="${x}" y="${y}"${attributes}>${escapeXml(content)}</text>`;
}

/** Returns round values from 0 to at least `highest`, four to six of them. */
export function ticksTo(highest: number): number[] {
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const count = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

/** Leaves out values whose labels would overlap the one before. Keeps the last. */
function spaced(values: number[], at: (value: number) => number): number[] {
  const kept: number[] = [];
  for (const value of [...values].reverse()) {
    const next = kept[0];
    if (next === undefined || at(next) - at(value) >= 48) kept.unshift(value);
  }
  return kept;
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))}k` : String(value);
}

const round = (value: number): number => Math.round(value * 10) / 10;

const escapeXml = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
