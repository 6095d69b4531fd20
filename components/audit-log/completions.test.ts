import { expect, it } from 'vitest';
import { complete, completionsAt } from './completions';

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
  ['|', ['type:', 'actor:', 'ip:']],
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
  ['constructor:|', []],
  ['"type:|', []],
  ['free te|', []],
])('offers what can follow %s', (text, found) => expect(labels(text)).toEqual(found));

it.each([
  ['ty|', 'type:|'],
  ['type:issu|', 'type:token_minted |'],
  ['type:token_minted,den|', 'type:token_minted,token_denied |'],
  ['type:issu| actor:x', 'type:token_minted |actor:x'],
  ['actor:night|', 'actor:"nightly build (API key)" |'],
  ['actor:"night|', 'actor:"nightly build (API key)" |'],
])('completes %s to %s', (text, result) => expect(completed(text)).toBe(result));
