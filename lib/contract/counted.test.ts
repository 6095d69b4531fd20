import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { counted } from './counted';

it.each([
  [0, '0 keys'],
  [1, '1 key'],
  [2, '2 keys'],
  [1204, '1,204 keys'],
])('counts %i in words', (number, words) => {
  expect(counted(number, 'key')).toBe(words);
});

it('takes a plural that is not the noun with an s', () => {
  expect([1, 2].map((number) => counted(number, 'repository', 'repositories'))).toEqual([
    '1 repository',
    '2 repositories',
  ]);
});

/** A value directly before a plural, as in `{count} keys`, or a choice between two nouns. */
const BY_HAND =
  /\}\s+(?:repositories|keys|rules|tokens|members|events|accounts|results|connections|invitations|checks|claims|minutes|problems)\b(?!=)|=== 1 \? '(?:repository|key|rule|token|member|event|account|claim|minute|connection|problem)'/;
/** Fixed limits, which are never one. */
const LIMITS = /MAX_|MOST_/;

it('is used for each count on a page, because “1 repositories” is easy to write', () => {
  const files = ['app', 'components', 'lib/trust'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.test)\.tsx?$/.test(file))
      .map((file) => path.join(folder, file)),
  );
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => BY_HAND.test(line) && !LIMITS.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
