import { expect, it } from 'vitest';
import { afterTooLargeForm } from './too-large-form';

const PAGE = 'https://app.example.test/w/acme/audit-log/compare';
const post = (url: string, bytes: number, headers: Record<string, string> = {}) =>
  new Request(url, { method: 'POST', headers: { 'content-length': String(bytes), ...headers } });

it('sends back to the page only a form with a file that an action would not take', () => {
  expect(afterTooLargeForm(post(PAGE, 5_000_000))).toBe('/w/acme/audit-log/compare?problem=too_large');
  expect(afterTooLargeForm(post(PAGE, 4_000_000))).toBeNull();
  expect(afterTooLargeForm(post(PAGE, 5_000_000, { 'next-action': 'id' }))).toBeNull();
  expect(afterTooLargeForm(post('https://app.example.test/w/acme/audit-log', 5_000_000))).toBeNull();
  expect(afterTooLargeForm(new Request(PAGE))).toBeNull();
});
