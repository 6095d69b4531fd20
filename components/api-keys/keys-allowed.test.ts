import { createElement } from 'react';
import { expect, it } from 'vitest';
import { render } from '../testing/render';
import { KeysAllowedCard, KeysForbidden } from './keys-allowed';

const card = (hasIssuers: boolean) =>
  render(
    createElement(KeysAllowedCard, {
      inForce: { count: 1, used: [], hasTrustRules: false },
      hasIssuers,
      action: () => undefined,
      path: '/w/acme/settings/api-keys',
      isAsked: false,
    }),
  );

const forbidden = (hasIssuers: boolean) => render(createElement(KeysForbidden, { action: null, hasIssuers }));

it('recommends trust rules only where the operator trusts an issuer', () => {
  expect(card(true)).toContain('once your services use trust rules');
  expect(card(false)).not.toContain('once your services use trust rules');
  expect(card(false)).toContain('no other way to get tokens');
});

it('says that no service gets a token where keys are forbidden and no issuer is trusted', () => {
  expect(forbidden(true)).toContain('Services get their tokens by trust rules');
  expect(forbidden(false)).not.toContain('Services get their tokens by trust rules');
  expect(forbidden(false)).toContain('No service can get a token');
});
