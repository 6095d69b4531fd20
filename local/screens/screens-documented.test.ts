import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DOCS_FOLDER, IN_DOCS } from './list';

it('keeps exactly the pictures that README and docs show', () => {
  const documents = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((file) =>
    file.endsWith('.md'),
  );
  const shown = documents.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/screens\/([\w-]+)\.png/g)].map(([, name]) => name),
  );
  expect([...new Set(shown)].sort()).toEqual([...IN_DOCS].sort());
  expect(readdirSync(DOCS_FOLDER).sort()).toEqual(IN_DOCS.map((name) => `${name}.png`).sort());
});
