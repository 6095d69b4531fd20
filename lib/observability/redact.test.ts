import { describe, expect, it } from 'vitest';
import { createLog } from './log';
import { REDACTED, redact } from './redact';

const SECRETS = {
  'classic installation token': `ghs_${'a1B2'.repeat(9)}`,
  'stateless installation token': `ghs_12345_eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(300)}.${'y_-z'.repeat(40)}`,
  'user token': `ghu_${'Z9'.repeat(18)}`,
  'fine-grained personal access token': `github_pat_11ABCDE0_${'q'.repeat(40)}`,
  'API key': `psk_live_${'k'.repeat(38)}`,
  'private key': '-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----',
  'escaped private key': '-----BEGIN PRIVATE KEY-----\\nMIIEabc\\n-----END PRIVATE KEY-----',
  'session token': `eyJhbGciOiJkaXIifQ..${'n'.repeat(16)}.${'c'.repeat(60)}.${'t'.repeat(22)}`,
  'authorization header': 'Basic eC1hY2Nlc3MtdG9rZW46c2VjcmV0c2VjcmV0',
};

describe('redact', () => {
  it.each(Object.entries(SECRETS))('blanks a %s in the middle of a line', (_, secret) => {
    const line = redact(`before ${secret} after`);
    expect(line).toBe(`before ${REDACTED} after`);
  });

  it('blanks the password of a database URL and keeps the host', () => {
    expect(redact('cannot reach postgresql://app:hunter2@db.internal:5432/app')).toBe(
      `cannot reach postgresql://${REDACTED}@db.internal:5432/app`,
    );
  });

  it('blanks an unterminated private key to the end of the text, and a header in any letter case', () => {
    expect(redact('before -----BEGIN PRIVATE KEY-----\\nMIIEabc')).toBe(`before ${REDACTED}`);
    expect(redact(`authorization: bearer ${'k'.repeat(40)}`)).toBe(`authorization: ${REDACTED}`);
  });

  it('leaves ordinary text alone', () => {
    const line = '{"event":"installation","account":"acme","hash":"1f0e","path":"/w/acme/settings/github"}';
    expect(redact(line)).toBe(line);
  });
});

describe('log', () => {
  it('never logs a secret, wherever a caller put it', () => {
    for (const secret of Object.values(SECRETS)) {
      const lines: string[] = [];
      const log = createLog('trace', (line) => lines.push(line));
      const error = Object.assign(new Error(`failed with ${secret}`, { cause: new Error(secret) }), {
        request: { headers: { authorization: secret } },
      });
      log.error({ err: error, nested: { deep: [secret] }, [secret]: 1 }, `message ${secret}`);
      expect(lines).toHaveLength(1);
      for (const part of secret
        .split(/\\n|\n|\s/)
        .filter((piece) => piece.length > 12 && !piece.includes('-----')))
        expect(lines[0]).not.toContain(part);
    }
  });
});
