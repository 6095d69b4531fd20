import type { ReportedTest } from '../test/reports';
import type { Claim } from './documented';
import { isReferenced, parseReference } from './reference';

export interface TestsNotRun {
  /** A line for each test of a claim that no report contains, or that every report contains as skipped without a reason. */
  missing: string[];
  /** A line for each test of a claim that was skipped for the reason it states, such as a program that is not installed. */
  skipped: string[];
}

/** Finds the tests of claims that did not run. A test that failed did run, and its failure is counted by its own suite. */
export function testsNotRun(claims: readonly Claim[], tests: readonly ReportedTest[]): TestsNotRun {
  const missing: string[] = [];
  const skipped: string[] = [];
  for (const { id, tests: references } of claims) {
    for (const text of references) {
      const reference = parseReference(text);
      const found = tests.filter((test) => isReferenced(reference, test));
      if (found.some(({ status }) => status !== 'skipped')) continue;
      const reason = found.find(({ skippedBecause }) => skippedBecause !== undefined)?.skippedBecause;
      if (reason !== undefined) skipped.push(`${id}: ${text} was skipped: ${reason}`);
      else
        missing.push(`${id}: ${text} ${found.length === 0 ? 'did not run' : 'was skipped without a reason'}`);
    }
  }
  return { missing, skipped };
}
