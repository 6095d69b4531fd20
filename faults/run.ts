/** Runs faults one after another and reports what held. */
import { table } from '../bench/report';
import type { Fault, FaultOptions, Finding } from './fault';

export interface Outcome {
  id: string;
  title: string;
  findings: Finding[];
  seconds: number;
}

/**
 * Splits `--only F4,F9` and repeated flags into ids, in the order of the table.
 *
 * @throws for an unknown id
 */
export function choose(known: readonly string[], given: readonly string[] | undefined): string[] {
  if (given === undefined) return [...known];
  const wanted = given.flatMap((each) => each.split(',')).map((each) => each.trim().toUpperCase());
  const unknown = wanted.filter((id) => !known.includes(id));
  if (unknown.length > 0 || wanted.length === 0)
    throw new Error(`No fault by the name of ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  return known.filter((id) => wanted.includes(id));
}

/** Runs the faults. A fault that throws or observes nothing counts as not held. */
export async function runFaults(
  faults: Record<string, Fault>,
  chosen: readonly string[],
  options: FaultOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const first = performance.now();
  for (const [index, id] of chosen.entries()) {
    const fault = faults[id];
    if (fault === undefined) continue;
    options.say(`\n${id} ${fault.title} (${index + 1} of ${chosen.length})`);
    const started = performance.now();
    const findings = await fault.run({ ...options, say: (line) => options.say(`  ${line}`) }).catch(failed);
    const seconds = (performance.now() - started) / 1000;
    outcomes.push({ id, title: fault.title, findings: findings.length > 0 ? findings : [NOTHING], seconds });
    for (const { observed, held } of findings) options.say(`  ${held ? 'held' : 'NOT HELD'}: ${observed}`);
    const minutes = (performance.now() - first) / 60_000;
    options.say(`  took ${Math.round(seconds)} s; ${minutes.toFixed(1)} min in all`);
  }
  return outcomes;
}

const NOTHING: Finding = {
  injected: 'nothing',
  mustHold: 'something is observed',
  observed: 'nothing',
  held: false,
};

function failed(error: unknown): Finding[] {
  const message = error instanceof Error ? error.message : String(error);
  return [{ injected: 'the fault', mustHold: 'the fault runs to its end', observed: message, held: false }];
}

/** True if every guarantee held. A run without faults proves nothing and did not hold. */
export function allHeld(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ findings }) => findings.every(({ held }) => held));
}

/** Returns a Markdown table with one row for each finding. */
export function faultTable(outcomes: readonly Outcome[]): string {
  const cell = (text: string) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 400);
  return table({
    columns: ['fault', 'injected', 'must hold', 'observed', 'held'],
    rows: outcomes.flatMap(({ id, findings }) =>
      findings.map(({ injected, mustHold, observed, held }) => [
        id,
        cell(injected),
        cell(mustHold),
        cell(observed),
        held ? 'yes' : '**no**',
      ]),
    ),
  });
}
