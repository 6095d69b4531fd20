import { expect, it } from 'vitest';
import { parseConfig } from '../config';
import { COMPLETE } from '../config/test-environment';
import { operatorFacts, securityTxt } from './operator-facts';

const NOW = new Date('2026-11-30T17:45:12.345Z');

it('writes security.txt with the required fields, which expires within a year', () => {
  const config = parseConfig({
    ...COMPLETE,
    SECURITY_CONTACT: 'security@acme.test',
    SECURITY_POLICY_URL: 'https://acme.test/policy',
  });
  expect(securityTxt(config, NOW)).toBe(
    [
      'Contact: mailto:security@acme.test',
      'Expires: 2026-12-30T00:00:00Z',
      'Policy: https://acme.test/policy',
      'Preferred-Languages: en',
      'Canonical: https://pulsestream.test/.well-known/security.txt',
      '',
    ].join('\n'),
  );
});

it('writes no security.txt without an address for vulnerabilities', () => {
  expect(securityTxt(parseConfig({ ...COMPLETE, TRUST_CONTACT: 'trust@acme.test' }), NOW)).toBeNull();
});

it('states nothing that the operator did not state, except the retention that the app enforces', () => {
  const facts = operatorFacts(parseConfig({ ...COMPLETE, RETENTION_DELIVERIES_DAYS: '7' }));
  expect(facts).toMatchObject({
    hosting: null,
    deletion: null,
    contact: null,
    security: { contact: null, policyUrl: null },
  });
  expect(facts.retention).toContainEqual({ what: 'Webhook ids', kept: '7 days' });
  expect(facts.retention).toContainEqual({ what: 'Audit events', kept: 'as long as the workspace' });
});

it('says after how many days audit events are archived', () => {
  const { retention } = operatorFacts(parseConfig({ ...COMPLETE, RETENTION_AUDIT_DAYS: '365' }));
  expect(retention).toContainEqual({ what: 'Audit events', kept: 'archived to files after 365 days' });
});
