import { expect, test } from 'vitest';
import { filesToRead, findingsOf } from './page-words';

const insteadOf = (path: string, source: string) => findingsOf(path, source).map(({ instead }) => instead);
const PAGE = 'components/a.tsx';

test.each([
  ['<p>Ask whoever set it up.</p>', /name the person/],
  ["const cause = 'Somebody else is an owner.';", /someone/],
  ['<p>The repositories\n   that you chose</p>', /leave out/],
  ['<p>It is not here any more.</p>', /no longer/],
  ['const cause = `Ends $' + '{name} at once.`;', /immediately/],
  ['<p title="It updates by itself">Now</p>', /automatically/],
  ['<p>Send us what stands below.</p>', /^is$/],
  ["const title = 'Minted';", /issue/],
  ['<p>A token is made on demand.</p>', /issue/],
  ["const button = 'Take back';", /revoke/],
  ["const cause = 'GitHub knows no such app.';", /returns or lists/],
])('finds the words in %s', (source, instead) => {
  expect(insteadOf(PAGE, source)).toEqual([expect.stringMatching(instead)]);
});

test.each([
  ['a comment', '// Whoever holds it waits.\nconst a = 1;'],
  ['an import', "import { minted } from './minted';"],
  ['a code', "const code = 'minted';"],
  ['an identifier', 'const whoever = takenBack();'],
  ['a number', '<p>No more than 50 networks</p>'],
])('leaves %s alone', (_, source) => {
  expect(insteadOf(PAGE, source)).toEqual([]);
});

test('leaves the API’s own word to the API’s reference', () => {
  expect(insteadOf('app/docs/api/samples.ts', "const title = 'Mint a token';")).toEqual([]);
  expect(insteadOf(PAGE, "const title = 'Mint a token';")).toHaveLength(1);
});

test('fails on a file that it cannot parse, because it would find nothing there', () => {
  expect(() => findingsOf(PAGE, '<p>unclosed')).toThrow(/could not be parsed/);
});

test('reads the pages, their components and the tables of their texts', () => {
  expect(filesToRead()).toEqual(
    expect.arrayContaining([
      'app/not-found.tsx',
      'components/github/connection-card.tsx',
      'lib/connect/outcomes.ts',
    ]),
  );
});
