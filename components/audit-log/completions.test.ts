import { expect, it } from 'vitest';
import { complete, completionsAt, daysToChoose } from './completions';

const SOURCE = {
  type: [
    { value: 'token_minted', label: 'Token issued' },
    { value: 'token_denied', label: 'Token refused' },
  ],
  actor: [
    { value: 'olivia@acme.test', label: 'olivia@acme.test' },
    { value: 'nightly build (API key)', label: 'nightly build (API key)' },
  ],
  ip: [],
  on: daysToChoose('Asia/Tokyo', new Date('2026-11-29T20:00:00Z')),
};
const at = (text: string) => completionsAt(text.replace('|', ''), text.indexOf('|'), SOURCE);
const labels = (text: string) => at(text).options.map(({ label }) => label);
const completed = (text: string, index = 0) => {
  const option = at(text).options[index];
  if (option === undefined) throw new Error('no completion');
  const { text: result, caret } = complete(text.replace('|', ''), at(text), option);
  return `${result.slice(0, caret)}|${result.slice(caret)}`;
};

it.each([
  ['|', ['type:', 'actor:', 'ip:', 'on:']],
  ['t|', ['type:']],
  ['-|', ['-ip:']],
  ['repo:acme/api ac|', ['actor:']],
  ['type:|', ['Token issued', 'Token refused']],
  ['type:refused|', ['Token refused']],
  ['type:token_minted,|', ['Token issued', 'Token refused']],
  ['type:token_minted,den|', ['Token refused']],
  ['type:token_minted|', []],
  ['actor:"nightly b|', ['nightly build (API key)']],
  ['actor:"a b" typ|', ['type:']],
  ['on:tu|', ['tuesday — 24 Nov 2026', 'saturday — 28 Nov 2026']],
  ['on:tues|', ['tuesday — 24 Nov 2026']],
  ['constructor:|', []],
  ['"type:|', []],
  ['free te|', []],
])('offers what can follow %s', (text, found) => expect(labels(text)).toEqual(found));

it.each([
  ['ty|', 'type:|'],
  ['type:issu|', 'type:token_minted |'],
  ['type:token_minted,den|', 'type:token_minted,token_denied |'],
  ['on:tues|', 'on:tuesday |'],
  ['type:issu| actor:x', 'type:token_minted |actor:x'],
  ['actor:night|', 'actor:"nightly build (API key)" |'],
  ['actor:"night|', 'actor:"nightly build (API key)" |'],
])('completes %s to %s', (text, result) => expect(completed(text)).toBe(result));

it('offers the days of the last week in the zone, newest first', () => {
  expect(labels('on:|')).toEqual([
    'today — 30 Nov 2026',
    'yesterday — 29 Nov 2026',
    'saturday — 28 Nov 2026',
    'friday — 27 Nov 2026',
    'thursday — 26 Nov 2026',
    'wednesday — 25 Nov 2026',
    'tuesday — 24 Nov 2026',
    'monday — 23 Nov 2026',
  ]);
});
