import { expect, it } from 'vitest';
import { repositoriesQuery } from './page-data';

const TEXTS = {
  'no text': '',
  'U+0000': '\u0000',
  'U+0000 in a word': 'a\u0000b',
  'a long text': 'x'.repeat(5000),
  'half of a surrogate pair': '\ud800',
  'a negative number': '-1',
  'a large number': '9'.repeat(30),
  'a wildcard': '%',
};

it.each(Object.entries(TEXTS))('reads a query for the list of repositories from %s', (_, text) => {
  for (const name of ['q', 'cursor', 'installation_id'])
    for (const value of [text, [text, text]])
      expect(repositoriesQuery({ [name]: value })).toMatchObject({ limit: 25 });
});

it('searches for the text without U+0000, which no name contains', () => {
  expect(repositoriesQuery({ q: 'a\u0000pi' }).q).toBe('api');
});
