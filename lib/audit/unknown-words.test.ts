import { expect, it } from 'vitest';
import { QUERY_WORDS } from './query';
import { unknownWords } from './unknown-words';

it.each<[string, [word: string, meant: string | null][]]>([
  ['bogus:1', [['bogus', null]]],
  ['leaked actr:x', [['actr', 'actor']]],
  ['-tpye:x', [['tpye', 'type']]],
  [
    'repository:acme/api since:7d',
    [
      ['repository', 'repo'],
      ['since', 'after'],
    ],
  ],
  ['installation_id:1', [['installation_id', null]]],
  ['USER:olivia user:other', [['user', 'actor']]],
  [
    'in:x constructor:x',
    [
      ['in', null],
      ['constructor', null],
    ],
  ],
  [
    'a:1 b:1 c:1 d:1',
    [
      ['a', null],
      ['b', null],
      ['c', null],
    ],
  ],
])('names the words of %s that are no filter', (text, words) => {
  expect(unknownWords(text)).toEqual(words.map(([word, meant]) => ({ word, meant })));
});

it.each(['', 'free text', 'https://x.test/y', 'sha256:abc', '10:30', ':', 'x'.repeat(1000)])(
  'finds none in %j',
  (text) => expect(unknownWords(text)).toEqual([]),
);

it('finds no filter, however it is written', () => {
  for (const word of QUERY_WORDS) expect(unknownWords(`${word}:x ${word.toUpperCase()}:x`)).toEqual([]);
});
