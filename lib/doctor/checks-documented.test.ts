import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CHECKS } from './checks';

it('has a row for each check in docs/operations.md, in the order in which they are made', () => {
  const text = readFileSync('docs/operations.md', 'utf8');
  const [, section = ''] = /^## Doctor$([\s\S]*?)^## /m.exec(text) ?? [];
  const documented = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id);
  expect(documented).toEqual(['configuration', ...CHECKS.map(({ id }) => id)]);
});

it('makes no call for a cheap check, nor for one that it needs', () => {
  const cheap = CHECKS.filter(({ isCheap }) => isCheap);
  const needed = new Set(cheap.flatMap(({ needs = [] }) => needs));
  expect(CHECKS.filter(({ id, isCheap }) => needed.has(id) && !isCheap)).toEqual([]);
});

it('needs only checks that come earlier', () => {
  const ids = CHECKS.map(({ id }) => id);
  const late = CHECKS.filter(
    ({ needs = [] }, index) => !needs.every((id) => ids.slice(0, index).includes(id)),
  );
  expect([late, new Set(ids).size]).toEqual([[], ids.length]);
});
