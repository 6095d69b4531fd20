import { expect, test } from 'vitest';
import { matching, type PaletteItem } from './palette-items';

const ITEMS: PaletteItem[] = [
  { label: 'API keys', href: '/keys', group: 'Pages' },
  { label: 'Create API key', href: '/keys/new', group: 'Actions' },
  { label: 'Members', href: '/members', group: 'Pages', also: 'people invite' },
  { label: 'Équipe Ünïon', href: '/w/union', group: 'Workspaces' },
];
const hrefs = (text: string) => matching(ITEMS, text).map(({ href }) => href);

test('everything matches an empty text', () => {
  expect(hrefs('')).toHaveLength(4);
  expect(hrefs('  ')).toHaveLength(4);
});

test.each([
  ['api key', ['/keys', '/keys/new']],
  ['key CREATE', ['/keys/new']],
  ['equipe union', ['/w/union']],
  ['workspaces', ['/w/union']],
  ['api workspace', []],
  ['invite member', ['/members']],
  ['(', []],
])(
  '%s matches %j, by all of its words in any order, without regard to case and accents',
  (text, expected) => {
    expect(hrefs(text)).toEqual(expected);
  },
);
