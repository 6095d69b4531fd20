import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filesToRead, findingsOf } from './voice';

const rulesBrokenBy = (path: string, text: string) => findingsOf(path, text).map(({ rule }) => rule);
const LONG = `Reads ${'one '.repeat(28)}row.`;

test.each([
  ['hidden subject', 'a.ts', '// Who asks twice waits.'],
  ['hidden subject', 'a.ts', '/** Returns the row. Whoever holds it waits. */'],
  ['hidden subject', 'a.ts', '/**\n * What is kept\n * of an answer.\n */'],
  ['hidden subject', 'a.ts', '// Whatever comes is read.'],
  ['hidden subject', 'a.ts', 'const a = 1; // Of one workspace'],
  ['hidden subject', 'a.tsx', '<p>Do {/* One that waits */}</p>'],
  ['hidden subject', 'a.ts', "const a = /'/; // What a quote hides"],
  ['hidden subject', 'a.mjs', '// Lists:\n// - What is listed'],
  ['hidden subject', 'a.sql', "SELECT '--'; -- What is selected"],
  ['hidden subject', 'a.prisma', 'model A { /// What a model is\n}'],
  ['hidden subject', 'a.md', '# Title\n\nFirst. What follows is prose.'],
  ['hidden subject', 'a.md', '| a | What a cell holds |'],
  ['hidden subject', 'a.md', '- **What is bold**'],
  ['at once', 'a.ts', '// Two calls at\n// once.'],
  ['at once', 'a.md', 'Stops at once.'],
  ['no more', 'a.ts', '// The key works no more.'],
  ['no more', 'a.ts', '// It is not read any more when the lease ends.'],
  ['GitHub as a person', 'a.ts', '/** Reads what GitHub says. */'],
  ['claim id', 'a.ts', '/** Mints a token (C06). */'],
  ['claim id', 'docs/operations.md', 'Held by C24.'],
  ['hidden subject', 'a.ts', '// Whose bytes these are.'],
  ['hidden subject', 'a.ts', '/** Which of these keys a rotation has replaced. */'],
  ['hidden subject', 'a.ts', '/** Those that the reader may grant. */'],
  ['hidden subject', 'a.test.ts', "it('of a bound key follows the id', run);"],
  ['hidden subject', 'a.test.ts', "describe('what a user token shows', () => {});"],
  [
    'hidden subject',
    'a.test.ts',
    "it.each([\n  ['a', b('c')],\n])('that GitHub widens by %s is refused', run);",
  ],
  ['hidden subject', 'a.spec.ts', 'test(`whoever is signed out signs in`, run);'],
  ['hidden subject', 'a.spec.ts', "test.describe('one that breaks', run);"],
  ['at once', 'a.test.ts', "it('asks GitHub fewer than 50 things at once', run);"],
  ['at once', 'a.ts', '// At once.'],
  ['no more', 'a.test.tsx', "it.skipIf(win)('is asked no more after a refusal', run);"],
  ['no more', 'a.ts', '// The key is not accepted any more once it expires.'],
  ['what is no …', 'a.ts', '// Rejects what is no id.'],
  ['what is no …', 'a.ts', '// Refuses whoever is no admin.'],
  ['GitHub as a person', 'a.ts', '/** Retries while GitHub does not know a fresh token. */'],
  ['GitHub as a person', 'a.ts', '/** Holds nothing as long as GitHub has not told it. */'],
  ['GitHub as a person', 'a.test.ts', "it('waits until GitHub no longer wants it', run);"],
  ['e-mail', 'a.ts', '/** Finds the user of an e-mail. */'],
  ['over 28 words', 'a.ts', `// ${LONG}`],
  ['over 28 words', 'a.test.ts', `it('${LONG}', run);`],
])('reports %s in %s: %s', (rule, path, text) => {
  expect(rulesBrokenBy(path, text)).toEqual([rule]);
});

test.each([
  ['a string', 'a.ts', "const a = 'http://x/'; const b = '// What is code';"],
  ['a template', 'a.ts', 'const a = `\n// What is code\n`;'],
  ['a regular expression', 'a.ts', 'const a = b.replace(/[/]\\/\\/ What is code/, c);'],
  ['a division', 'a.ts', 'const a = b / c; const d = "// Who is code" / e;'],
  ['a claim id in code', 'a.ts', "it('C04: keeps no token', run);"],
  ['a claim id where tests are named', 'docs/claims.md', '| C04 | held |'],
  ['a question', 'a.md', 'What counts?'],
  ['a word that only begins the same way', 'a.ts', '// Often read. Whole rows. One row.'],
  ['a comparison', 'a.ts', '// Keeps no more rows than the limit, and no more than it must.'],
  ['a code block', 'a.md', '```\nWhat is code at once\n```'],
  ['inline code', 'a.md', 'Sends `at once`.'],
  ['a long sentence of a document', 'a.md', LONG],
  ['a string that is no title', 'a.test.ts', "it('refuses it', () => say('x', 'what is no code'));"],
  ['a title of a test in a file of another kind', 'a.ts', "it('of a bound key', run);"],
  ['a claim id in a title', 'a.test.ts', "it('keeps no token (C04)', run);"],
  ['what is no longer so', 'a.ts', '// Drops a row for what is no longer shared.'],
  ['GitHub as a system', 'a.ts', '// Calls GitHub, which returns or rejects, as GitHub requires.'],
  ['a directive', 'a.ts', `// biome-ignore lint/x: ${LONG}`],
])('accepts %s', (_, path, text) => {
  expect(rulesBrokenBy(path, text)).toEqual([]);
});

test('reports the line where the comment begins', () => {
  expect(findingsOf('a.ts', 'const a = 1;\n\n// Who waits.')).toEqual([
    { path: 'a.ts', line: 3, rule: 'hidden subject', sentence: 'Who waits.' },
  ]);
});

test('finds nothing in this repository, in comments, documents and titles of tests', () => {
  const files = filesToRead();
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap((path) => findingsOf(path, readFileSync(path, 'utf8')))).toEqual([]);
});
