import { expect, it } from 'vitest';
import { readBearer } from './request';

it.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER   abc', 'abc'],
  ['Bearer', ''],
  ['Bearer ', ''],
  ['Basic abc', null],
  ['Bearerabc', null],
  ['', null],
  [null, null],
])('reads %j as %j', (header, credential) => {
  expect(readBearer(header)).toBe(credential);
});
