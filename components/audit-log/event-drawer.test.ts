import { createElement } from 'react';
import { expect, it } from 'vitest';
import { render } from '../testing/render';
import { type Absence, MissingEvent } from './event-drawer';

const shown = (absence: Absence) => render(createElement(MissingEvent, { absence }));

it('raises an alarm about an event that was deleted, and none about an archived one or an invalid number', () => {
  const alarm = 'removed in the database';
  expect(shown('deleted')).toContain(alarm);
  expect(shown('archived')).toContain('This event was archived');
  for (const absence of ['archived', 'never'] as const) expect(shown(absence)).not.toContain(alarm);
});
