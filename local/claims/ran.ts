import type { ReportedTest } from '../test/reports';
import type { Claim } from './documented';
import { isReferenced, parseReference } from './reference';

/** Returns a line for each test of a claim that no report contains, or that every report contains as skipped. */
export function testsNotRun(claims: readonly Claim[], tests: readonly ReportedTest[]): string[] {
  return claims.flatMap(({ id, tests: references }) =>
    references.flatMap((text) => {
      const reference = parseReference(text);
      const found = tests.filter((test) => isReferenced(reference, test));
      if (found.some(({ status }) => status !== 'skipped')) return [];
      return [`${id}: ${text} ${found.length === 0 ? 'did not run' : 'was skipped'}`];
    }),
  );
}
