import { createElement } from 'react';
import { expect, it } from 'vitest';
import { CHECK_GROUPS, CHECKS } from '@/lib/doctor/checks';
import { render } from '../testing/render';
import { CheckList } from './check-list';

const MARKUP = '<img src=x onerror=alert(1)>';

it('shows each check that fails with what was found and what to do, failures before warnings', () => {
  const groups = CHECK_GROUPS.map(({ title, checks }) => ({
    title,
    findings: checks.map(({ id }, n) => ({
      id,
      status: n % 2 === 0 ? ('warn' as const) : ('fail' as const),
      found: `found by ${id}`,
      todo: `to do for ${id}`,
    })),
  }));
  const report = { made_at: '2026-11-30T00:00:00.000Z', groups, left_out: [] };
  const html = render(createElement(CheckList, { report }));
  for (const { id } of CHECKS) {
    expect(html).toContain(`>found by ${id}<`);
    expect(html).toContain(`>to do for ${id}<`);
  }
  expect(html.lastIndexOf('>Failed<')).toBeLessThan(html.indexOf('>Warning<'));
});

it('shows a passing check without advice, and names those that were not made', () => {
  const findings = [{ id: 'database', status: 'ok' as const, found: MARKUP, todo: '' }];
  const report = {
    made_at: '2026-11-30T00:00:00.000Z',
    groups: [{ title: 'Database', findings }],
    left_out: ['app-key'],
  };
  const html = render(createElement(CheckList, { report }));
  expect(html).not.toMatch(/Needs attention|What to do/);
  expect(html).not.toContain('<img');
  expect(html).toMatch(/Not run yet.*app-key/s);
});
