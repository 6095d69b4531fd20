import { onePerProcess, sharedAnswer } from '../async';
import type { CheckReport } from '../contract/check-report';
import { migrationNames } from '../db/migration-names';
import { checkConfiguration } from './check-configuration';
import { CHECK_GROUPS, CHECKS } from './checks';
import { createFacts, runChecks } from './run';

/** How long one check may take, and all together, so that a page answers before a proxy in front gives up. */
const QUICK = { checkMs: 2000, totalMs: 8000 };
const COMPLETE = { checkMs: 20_000, totalMs: 45_000 };

async function report(isComplete: boolean): Promise<CheckReport> {
  const checks = isComplete ? CHECKS : CHECKS.filter(({ isCheap }) => isCheap);
  const facts = createFacts(migrationNames(), { asksGitHub: isComplete });
  const findings = await runChecks(checks, facts, { limits: isComplete ? COMPLETE : QUICK });
  const made = new Map(findings.map((finding) => [finding.id, finding]));
  const groups = CHECK_GROUPS.map(({ title, checks }) => ({
    title,
    findings: checks.flatMap(({ id }) => made.get(id) ?? []),
  }));
  return {
    made_at: new Date().toISOString(),
    groups: [{ title: 'Configuration', findings: [checkConfiguration()] }, ...groups],
    left_out: CHECKS.filter(({ id }) => !made.has(id)).map(({ id }) => id),
  };
}

/** Readers of the page share a report, so that reloading it costs nothing. */
export const quickReport = onePerProcess('quick report', () =>
  sharedAnswer(() => report(false), {
    freshMs: 5000,
    retryMs: 0,
    patienceMs: QUICK.totalMs + 2000,
    awaitsRenewal: true,
  }),
);

/** Runs every check. Operators who ask for it meanwhile get the same report. */
export const completeReport = onePerProcess('complete report', () =>
  sharedAnswer(() => report(true), {
    freshMs: 0,
    retryMs: 0,
    patienceMs: COMPLETE.totalMs + COMPLETE.checkMs,
    awaitsRenewal: true,
  }),
);
