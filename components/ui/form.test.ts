import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** A plain form with an action. Forms with `path` submit a query, and those with a text post to a route. */
const PLAIN_FORM = /<form\b[^>]*\baction=\{(?!path\}|`)/;

/** Wrappers of `form`: ours, and that of forms which submit a query. */
const WRAPPERS = ['components/ui/form.tsx', 'components/audit-log/soft-form.tsx'];

/** React's own hook, which shows the error page if the request of the action gets no response. */
const PLAIN_STATE = /\buseActionState\b/;

it('recognizes a plain form and a plain state', () => {
  expect('<form\n  className="x"\n  action={save}>').toMatch(PLAIN_FORM);
  expect('<form action={path}><Input name="q" /></form>').not.toMatch(PLAIN_FORM);
  expect('<form method="post" action={`/api/auth/signin/github`}>').not.toMatch(PLAIN_FORM);
  expect('const [state, submit] = useActionState(action, initial);').toMatch(PLAIN_STATE);
});

it('is used for each action, because a plain form loses what is typed meanwhile and a request that fails', () => {
  const files = ['app', 'components']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
    )
    .filter((file) => file.endsWith('.tsx') && !WRAPPERS.includes(file));
  expect(files.length).toBeGreaterThan(100);
  const plain = files.filter((file) => {
    const source = readFileSync(file, 'utf8');
    return PLAIN_FORM.test(source) || PLAIN_STATE.test(source);
  });
  expect(plain).toEqual([]);
});
