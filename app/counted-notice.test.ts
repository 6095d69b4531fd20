import { expect, it } from 'vitest';
import type { Notice } from '@/lib/contract/notice';
import { countedNotice, countedQuery } from './counted-notice';

const NOTICE: Notice = { title: 'Revoked', cause: 'They end.', nextStep: 'Wait.', tone: 'success' };
const WORDS = { one: 'key', already: 'already revoked' };

it.each([
  [{ revoked: 2, already: 0 }, '2 keys revoked', 'They end.'],
  [{ revoked: 1, already: 0 }, '1 key revoked', 'They end.'],
  [{ revoked: 2, already: 1 }, '2 keys revoked', '1 was already revoked. They end.'],
  [{ revoked: 0, already: 3 }, 'Nothing was revoked', '3 were already revoked.'],
  [{ revoked: 0, already: 0 }, 'Nothing was revoked', 'No key was selected.'],
])('says what %j means', (outcome, title, cause) => {
  expect(countedNotice(NOTICE, countedQuery(outcome), WORDS)).toMatchObject({ title, cause });
});

it('leaves other notices as they are', () => {
  const query = { ...countedQuery({ revoked: 2, already: 0 }), notice: 'updated' };
  expect(countedNotice(NOTICE, query, WORDS)).toBe(NOTICE);
  expect(countedNotice(null, countedQuery({ revoked: 2, already: 0 }), WORDS)).toBeNull();
});

it.each(['-1', '1e9', '9999', 'all your', '<b>7</b>', '', ['7', '8']])(
  'reads no text of a forged link: %j',
  (sent) => {
    const shown = countedNotice(NOTICE, { notice: 'several_revoked', revoked: '1', already: sent }, WORDS);
    expect(shown?.title).toBe('1 key revoked');
    expect(shown?.cause).toMatch(/^(7 were already revoked\. )?They end\.$/);
  },
);
