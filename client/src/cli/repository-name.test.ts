import { expect, it } from 'vitest';
import { CommandError } from './exit-codes.js';
import { parseRepositoryName, repositoryOfPath } from './repository-name.js';

it.each([
  ['acme/api', 'acme/api'],
  ['acme/api.git', 'acme/api'],
  ['Acme-Labs/site.example', 'Acme-Labs/site.example'],
  ['Acme-Labs/.github', 'Acme-Labs/.github'],
  ['acme_corp/-rf', 'acme_corp/-rf'],
])('reads %s', (text, name) => {
  expect(parseRepositoryName(text)).toBe(name);
});

it.each([
  '',
  'acme',
  'acme/',
  '/api',
  'acme/api/more',
  '-acme/api',
  '../api',
  'acme/..',
  'acme/.',
  'acme/.git',
  'acme/..git',
  'acme/a b',
  'acme/a\nb',
  'acme/a?b',
  'acme\\api',
  'https://github.com/acme/api',
  `acme/${'x'.repeat(101)}`,
])('refuses %j as a name', (text) => {
  expect(() => parseRepositoryName(text)).toThrow(CommandError);
});

it.each([
  ['acme/api.git', 'acme/api'],
  ['acme/api', 'acme/api'],
  ['/acme/api.git/', 'acme/api'],
  ['acme/api.git/info/lfs', 'acme/api'],
  ['acme/api.git/info/lfs/objects/batch', 'acme/api'],
])('reads the path %s of git and of Git LFS', (path, name) => {
  expect(repositoryOfPath(path)).toBe(name);
});

it.each(['', 'acme', 'acme/api/../../evil/web', 'acme/api.git/info/refs', 'acme//api', 'acme/api/info/lfsx'])(
  'reads no repository from the path %j',
  (path) => {
    expect(repositoryOfPath(path)).toBeUndefined();
  },
);
