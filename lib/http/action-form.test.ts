import { expect, it } from 'vitest';
import { afterTooLargeForm, isReadableForm } from './action-form';

const field = (name: string, value = '') =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const FORM = 'multipart/form-data; boundary=x';

it.each([
  ['a form that was cut off', FORM, field('a'), {}, false],
  ['a form without a boundary', 'multipart/form-data', `${field('a')}--x--`, {}, false],
  ['no form at all', 'Multipart/Form-Data; boundary=x', 'garbage', {}, false],
  ['a form', FORM, `${field('a')}--x--\r\n`, {}, true],
  ['a form with its action', FORM, `${field(`$ACTION_ID_${'a'.repeat(42)}`)}--x--\r\n`, {}, true],
  ['a reference to no action', FORM, `${field('$ACTION_REF_1')}--x--\r\n`, {}, false],
  [
    'a reference to an action',
    FORM,
    `${field('$ACTION_REF_1')}${field('$ACTION_1:0', '{"id":"a","bound":"$@1"}')}--x--\r\n`,
    {},
    true,
  ],
  ['a state without its action', FORM, `${field('$ACTION_KEY', 'k')}--x--\r\n`, {}, false],
  ['arguments that are no JSON', 'text/plain', 'garbage', { 'next-action': 'a' }, false],
  ['arguments that are no list', 'text/plain', '{}', { 'next-action': 'a' }, false],
  ['arguments', 'text/plain', '["$K1"]', { 'next-action': 'a' }, true],
  ['a body of no action', 'text/plain', 'garbage', {}, true],
  ['a body that is too large to read whole', FORM, 'garbage', { 'content-length': '9999999' }, true],
])('tells whether Next can read %s', async (_, type, body, headers: Record<string, string>, readable) => {
  const request = new Request('http://localhost/x', {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body,
  });
  expect(await isReadableForm(request)).toBe(readable);
});

const PAGE = 'https://app.example.test/w/acme/audit-log/compare';
const post = (url: string, bytes: number, headers: Record<string, string> = {}) =>
  new Request(url, { method: 'POST', headers: { 'content-length': String(bytes), ...headers } });

it('redirects to the page only when a form with a file exceeds the size that actions accept', () => {
  expect(afterTooLargeForm(post(PAGE, 5_000_000))).toBe('/w/acme/audit-log/compare?notice=too_large');
  expect(afterTooLargeForm(post(PAGE, 4_000_000))).toBeNull();
  expect(afterTooLargeForm(post(PAGE, 5_000_000, { 'next-action': 'id' }))).toBeNull();
  expect(afterTooLargeForm(post('https://app.example.test/w/acme/audit-log', 5_000_000))).toBeNull();
  expect(afterTooLargeForm(new Request(PAGE))).toBeNull();
});
