import type { Check, Finding } from './check';
import { CHECKS } from './checks';
import { createFacts, runChecks } from './run';

/** Returns the check and everything that it needs, in the order of the table. */
function withNeeds(id: string): Check[] {
  const wanted = new Set([id]);
  // A set also iterates over what is added meanwhile.
  for (const next of wanted)
    for (const needed of CHECKS.find((check) => check.id === next)?.needs ?? []) wanted.add(needed);
  return CHECKS.filter((check) => wanted.has(check.id));
}

/** Makes one check with fresh facts, after those that it needs. */
export async function findingOf(id: string, migrations?: readonly string[]): Promise<Finding> {
  const findings = await runChecks(withNeeds(id), createFacts(migrations));
  const finding = findings.find((each) => each.id === id);
  if (finding === undefined) throw new Error(`there is no check ${id}`);
  return finding;
}
