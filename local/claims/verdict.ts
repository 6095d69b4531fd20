/** Decides from a report whether the named test caught a mutation. */
import { stripVTControlCharacters } from 'node:util';
import type { ReportedTest } from '../test/reports';
import type { Mutation } from './mutations';
import { isReferenced } from './reference';

/** The tests that a run reported, and the end of its output, which explains why a test is missing from the report. */
export interface TestRun {
  tests: ReportedTest[];
  output: string;
}

/**
 * - `caught`: the test failed in the expected way.
 * - `survived`: the test passed although the claim was broken.
 * - `unclear`: the test did not run, or failed for another reason, such as code that does not compile.
 */
export type Verdict = { result: 'caught' | 'survived' | 'unclear'; reason: string };

const firstLine = (text: string) =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '') ?? 'no message';

/** Judges a run in which the mutation was applied. */
export function verdictOf(mutation: Mutation, { tests, output }: TestRun): Verdict {
  const ran = tests.filter((test) => isReferenced(mutation.test, test) && test.status !== 'skipped');
  if (ran.length === 0) return { result: 'unclear', reason: `did not run: ${firstLine(output)}` };
  const failed = ran.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return { result: 'survived', reason: `${ran.length} passed` };
  const messages = failed.flatMap((test) => test.messages).map(stripVTControlCharacters);
  const expected = messages.find((message) => mutation.failsWith.some((text) => message.includes(text)));
  if (expected !== undefined) return { result: 'caught', reason: firstLine(expected) };
  return { result: 'unclear', reason: `failed with: ${firstLine(messages[0] ?? '')}` };
}

/**
 * Judges a run without any mutation.
 *
 * @returns why the test cannot judge its mutation; `undefined` if the test passed
 */
export function unsoundness({ test }: Mutation, { tests, output }: TestRun): string | undefined {
  const found = tests.filter((each) => isReferenced(test, each));
  const ran = found.filter(({ status }) => status !== 'skipped');
  if (ran.length === 0) {
    const reason = found.find(({ skippedBecause }) => skippedBecause !== undefined)?.skippedBecause;
    return `did not run without the mutation: ${reason ?? firstLine(output)}`;
  }
  const failed = ran.find(({ status }) => status === 'failed');
  return failed && `failed without the mutation: ${firstLine(failed.messages[0] ?? '')}`;
}
