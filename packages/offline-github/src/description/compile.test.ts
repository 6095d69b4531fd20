import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compile } from './compile';

const SCHEMA = {
  type: 'object',
  properties: {
    at: { type: 'string', format: 'date-time' },
    name: { type: 'string', maxLength: 9 },
    count: { type: 'integer', maximum: 9 },
  },
  required: ['at'],
  additionalProperties: false,
};
const VALUES = [
  { at: '2026-01-15T10:30:00Z', name: 'acme', count: 1 },
  { at: '2026-01-15T10:30:00Z', count: '1' },
  { at: 'today', name: 'ten letters', count: 10, more: 1 },
  {},
  null,
  'text',
];

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(path.join(tmpdir(), 'compile-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

const results = (validate: ReturnType<typeof compile>) =>
  structuredClone(VALUES).map((value) => ({ valid: validate(value), errors: validate.errors ?? [] }));
const files = () => readdirSync(cache).map((name) => path.join(cache, name));

it.each([false, true])(
  'a cached validator finds the same violations as a compiled one, with text converted: %s',
  (fromText) => {
    const compiled = results(compile(SCHEMA, { fromText, cache }));
    expect(compiled.map(({ valid }) => valid)).toEqual([true, fromText, false, false, false, false]);
    expect(files()).toHaveLength(1);
    expect(results(compile(SCHEMA, { fromText, cache }))).toEqual(compiled);
  },
);

it('schemas that differ in one value, or in the conversion of text, have separate cache files', () => {
  compile(SCHEMA, { fromText: false, cache });
  compile(SCHEMA, { fromText: true, cache });
  compile({ ...SCHEMA, required: ['name'] }, { fromText: false, cache });
  expect(files()).toHaveLength(3);
});

it.each(['', 'module.exports = ', 'module.exports = 1'])('a damaged cache file is replaced: %j', (text) => {
  const compiled = results(compile(SCHEMA, { fromText: false, cache }));
  const [file = ''] = files();
  const code = readFileSync(file, 'utf8');
  writeFileSync(file, text);
  expect(results(compile(SCHEMA, { fromText: false, cache }))).toEqual(compiled);
  expect(readFileSync(file, 'utf8')).toBe(code);
});

it('a schema is compiled if there is no cache folder', () => {
  expect(results(compile(SCHEMA, { fromText: false, cache: null }))[0]).toMatchObject({ valid: true });
  expect(files()).toEqual([]);
});
