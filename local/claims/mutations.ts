/**
 * Reads the patches in `e2e/claims/mutations`, each of which breaks one claim. The lines before the diff are its header:
 *
 * - `Claim: C…`, the claim's id in docs/claims.md.
 * - `Mutation: …`, what the patch breaks.
 * - `Caught by: file › title`, the test that must fail, as docs/claims.md names it.
 * - `Fails with: …`, a text in the failure's message. It's needed only if the test's own helper throws an error.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseReference, type TestReference } from './reference';

export const MUTATIONS = 'e2e/claims/mutations';

export interface Mutation {
  /** The patch's path in the repository. */
  patch: string;
  claim: string;
  title: string;
  /** The reference as docs/claims.md writes it. */
  caughtBy: string;
  test: TestReference;
  /** Texts of which the message of the expected failure contains one. */
  failsWith: readonly string[];
}

/** Returns all mutations, ordered by claim. */
export function readMutations(folder = MUTATIONS): Mutation[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.patch'))
    .sort()
    .map((name) => {
      const patch = path.posix.join(folder, name);
      return parseMutation(patch, readFileSync(patch, 'utf8'));
    });
}

/** @throws an error that names the patch and the missing line of its header */
export function parseMutation(patch: string, text: string): Mutation {
  const header = text.split(/^diff --git /m, 1)[0] ?? '';
  const optional = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(header)?.[1]?.trim();
  const line = (name: string): string => {
    const value = optional(name);
    if (value === undefined) throw new Error(`${patch}: the header has no line "${name}: …"`);
    return value;
  };
  const caughtBy = line('Caught by');
  const test = parseReference(caughtBy);
  const failsWith = optional('Fails with');
  return {
    patch,
    claim: line('Claim'),
    title: line('Mutation'),
    caughtBy,
    test,
    failsWith: failsWith === undefined ? assertionsOf(test) : [failsWith],
  };
}

/** Some of Vitest's assertions about promises and errors throw a plain `Error`. */
const VITEST_ASSERTIONS = [
  'AssertionError',
  'instead of rejecting',
  'instead of resolving',
  'Error: expected [Function] to throw',
];
const PLAYWRIGHT_ASSERTIONS = ['expect('];

const assertionsOf = (test: TestReference) =>
  isBrowserTest(test) ? PLAYWRIGHT_ASSERTIONS : VITEST_ASSERTIONS;

/** True if Playwright runs the test, against a production build; false if Vitest runs it. */
export const isBrowserTest = ({ file }: TestReference) => file.endsWith('.spec.ts');
