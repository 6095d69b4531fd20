import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** A plain form with an action, whose fields React resets once the action has ended. Forms with `path` submit a query. */
const PLAIN_FORM = /<form\b[^>]*\baction=\{(?!path\})[^>]*>(?<fields>.*?)<\/form>/gs;

const TYPED = /<(?:Input|Textarea|textarea)\b|type="(?:text|email|file)"/;

const losesText = (source: string) =>
  [...source.matchAll(PLAIN_FORM)].some(({ groups }) => TYPED.test(groups?.fields ?? ''));

it('recognizes a plain form with a field for text', () => {
  expect(losesText('<form action={save}>\n<Input name="a" /></form>')).toBe(true);
  expect(losesText('<form action={path}><Input name="q" /></form>')).toBe(false);
  expect(losesText('<form action={save}><input type="hidden" /></form>')).toBe(false);
});

it('is used for each field that takes text, because a plain form loses what is typed meanwhile', () => {
  const files = ['app', 'components']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
    )
    .filter((file) => file.endsWith('.tsx') && file !== 'components/ui/form.tsx');
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => losesText(readFileSync(file, 'utf8')))).toEqual([]);
});
