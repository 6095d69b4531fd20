import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, strictTransportSecurity } from './page-security';

type PolicyConfig = Parameters<typeof strictTransportSecurity>[0];

const config = (more: object = {}): PolicyConfig =>
  ({
    publicUrl: 'https://connect.example',
    isDeployed: true,
    isDevelopment: false,
    ...more,
  }) as PolicyConfig;

describe('the policy of a page', () => {
  const policy = contentSecurityPolicy('abc', config(), ['https://github.example', 'https://login.example']);

  it('lets a page run scripts by nonce only', () => {
    expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
    expect(policy).not.toContain('unsafe');
  });

  it('lets forms lead to us and to the given origins, and nowhere else', () => {
    expect(policy).toContain("form-action 'self' https://github.example https://login.example;");
  });

  it('forbids frames, another base URL and plug-ins', () => {
    for (const directive of ["frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"])
      expect(policy).toContain(directive);
  });
});

describe('HSTS', () => {
  it('sends HSTS only from deployments on https', () => {
    expect(strictTransportSecurity(config())).toBe('max-age=63072000; includeSubDomains');
    expect(strictTransportSecurity(config({ isDeployed: false }))).toBeNull();
    expect(strictTransportSecurity(config({ publicUrl: 'http://localhost:3000' }))).toBeNull();
  });
});
