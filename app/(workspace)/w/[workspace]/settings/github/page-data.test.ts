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

it.each(Object.entries(TEXTS))('builds a valid query for the repository list from %s', (_, text) => {
  for (const name of ['q', 'cursor', 'installation_id'])
    for (const value of [text, [text, text]])
      expect(repositoriesQuery({ [name]: value })).toMatchObject({ limit: 25 });
});

it('removes U+0000 from the search text, because no name contains it', () => {
  expect(repositoriesQuery({ q: 'a\u0000pi' }).q).toBe('api');
});
