import { SET_BY_SCRIPT } from './search-form';

/** The chosen periods, by their index: where the choice began, and where it is now. */
export type BrushRange = [start: number, end: number] | null;

/** Shows the period of a bar. `zone` as in {@link BrushedChart}. */
export function showBar(
  bar: SVGAElement | HTMLAnchorElement,
  spans: BrushedChart['spans'],
  zone: string | undefined,
): void {
  const { from = '', to = '' } = spans[Number(bar.dataset.index)] ?? {};
  showPeriod({ from, to, zone: zone ?? '' });
}

/** Shows a period, together with what is typed in the form of the search. */
function showPeriod(period: { from: string; to: string; zone: string }): void {
  const button = document.getElementById(SET_BY_SCRIPT);
  if (!(button instanceof HTMLButtonElement)) return;
  button.value = String(new URLSearchParams(period));
  button.form?.requestSubmit(button);
}

const attached = new WeakMap<SVGSVGElement, AbortSignal>();

type BrushedChart = {
  svg: SVGSVGElement;
  /** The chart's periods, from old to new. */
  spans: readonly { from: string; to: string }[];
  /** The zone of the periods; `undefined` for UTC. */
  zone: string | undefined;
  /** Shows which periods are chosen. */
  setRange: (range: BrushRange) => void;
  signal: AbortSignal;
};

/** Lets the user choose periods of a chart, until the signal. Called twice for the same chart, it attaches itself once. */
export function brushPeriods({ svg, spans, zone = '', setRange, signal }: BrushedChart): void {
  const count = spans.length;
  if (attached.get(svg) === signal || signal.aborted) return;
  attached.set(svg, signal);
  let range: BrushRange = null;
  let dragged = false;
  const choose = (next: BrushRange) => {
    range = next;
    setRange(next);
  };
  const end = (chosen: BrushRange) => {
    choose(null);
    if (chosen === null) return;
    const [first = 0, last = 0] = [...chosen].sort((a, b) => a - b);
    showPeriod({ from: spans[first]?.from ?? '', to: spans[last]?.to ?? '', zone });
  };
  const clamp = (index: number) => Math.min(count - 1, Math.max(0, index));
  const periodAt = ({ clientX }: PointerEvent) => {
    const box = svg.getBoundingClientRect();
    return clamp(Math.floor(((clientX - box.left) / box.width) * count));
  };
  const on = <Name extends keyof SVGSVGElementEventMap>(
    name: Name,
    listener: (event: SVGSVGElementEventMap[Name]) => void,
    capture = false,
  ) => svg.addEventListener(name, listener, { signal, capture });

  on('dragstart', (event) => event.preventDefault());
  on('pointerdown', (event) => {
    dragged = false;
    if (event.button === 0 && event.pointerType === 'mouse') choose([periodAt(event), periodAt(event)]);
  });
  on('pointermove', (event) => {
    if (range === null || (event.buttons & 1) === 0 || periodAt(event) === range[1]) return;
    svg.setPointerCapture(event.pointerId);
    dragged = true;
    choose([range[0], periodAt(event)]);
  });
  on('pointerup', () => end(dragged ? range : null));
  on('pointercancel', () => choose(null));
  on(
    'click',
    (event) => {
      // If a drag ends on a bar, the browser also fires a click there. Don't show that bar's period.
      if (dragged && event.detail > 0) event.preventDefault();
      dragged = false;
    },
    true,
  );
  on('keydown', (event) => {
    const { index } = event.target instanceof SVGElement ? event.target.dataset : {};
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.shiftKey && by !== undefined && index !== undefined) {
      event.preventDefault();
      const [start, now] = range ?? [Number(index), Number(index)];
      choose([start, clamp(now + by)]);
    } else if (range !== null && event.key === 'Enter') {
      event.preventDefault();
      end(range);
    } else if (event.key === 'Escape') choose(null);
  });
}
