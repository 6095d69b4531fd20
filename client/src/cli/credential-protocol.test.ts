import { describe, expect, it } from 'vitest';
import { formatAnswer, NoAnswer, parseRequest, wantsOurUser } from './credential-protocol.js';

const CREDENTIAL = { token: 'ghs_424242_a.b-c_d', expiresAt: new Date('2026-01-31T10:00:00.999Z') };
const REQUEST = 'protocol=https\nhost=github.com\n';

describe('parseRequest', () => {
  it('reads the attributes of git 2.39', () => {
    expect(parseRequest(`${REQUEST}path=acme/api.git\nwwwauth[]=Basic realm="GitHub"\n\n`)).toEqual({
      protocol: 'https',
      host: 'github.com',
      path: 'acme/api.git',
      username: undefined,
      takesAuthType: false,
    });
  });

  it('ends at an empty line, so that nothing after it counts', () => {
    expect(parseRequest(`${REQUEST}\nhost=evil.example\n`).host).toBe('github.com');
  });

  it('takes the last value of an attribute, and keeps an equals sign in it', () => {
    expect(parseRequest('protocol=http\nprotocol=https\nhost=github.com\npath=a=b/c\n')).toMatchObject({
      protocol: 'https',
      path: 'a=b/c',
    });
  });

  it('reads the capabilities of git 2.46, which an empty value resets', () => {
    const authtype = 'capability[]=authtype\n';
    expect(parseRequest(`${authtype}capability[]=state\n${REQUEST}`).takesAuthType).toBe(true);
    expect(parseRequest(`${authtype}capability[]=\n${REQUEST}`).takesAuthType).toBe(false);
    expect(parseRequest(`capability[]=state\n${REQUEST}`).takesAuthType).toBe(false);
  });

  it.each(['nonsense', '=github.com', `host=github.com\r`, 'host=github.com\0.evil.example', 'path=a\rb'])(
    'gives no answer to the line %j',
    (line) => {
      expect(() => parseRequest(`protocol=https\n${line}\n`)).toThrow(NoAnswer);
    },
  );

  it('reads missing attributes as empty, which are no host of GitHub', () => {
    expect(parseRequest('')).toMatchObject({ protocol: '', host: '', path: undefined });
  });
});

describe('wantsOurUser', () => {
  it('accepts no username, an empty one and the one for tokens, and no other', () => {
    const wants = (line: string) => wantsOurUser(parseRequest(`${REQUEST}${line}`));
    expect(['', 'username=\n', 'username=x-access-token\n', 'username=olivia\n'].map(wants)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('formatAnswer', () => {
  it('sends a password that expires with the token', () => {
    expect(formatAnswer(parseRequest(REQUEST), CREDENTIAL)).toBe(
      'username=x-access-token\npassword=ghs_424242_a.b-c_d\npassword_expiry_utc=1769853600\n\n',
    );
  });

  it('sends git 2.46 an ephemeral header instead, which other helpers cannot store', () => {
    const answer = formatAnswer(parseRequest(`capability[]=authtype\n${REQUEST}`), CREDENTIAL);
    const lines = answer.trimEnd().split('\n');
    expect(lines[0]).toBe('capability[]=authtype');
    expect(lines).toContain('authtype=Basic');
    expect(lines).toContain('ephemeral=1');
    expect(lines).toContain('password_expiry_utc=1769853600');
    expect(answer).not.toMatch(/^(?:password|username)=/m);
    const credential = lines.find((line) => line.startsWith('credential='))?.slice('credential='.length);
    expect(Buffer.from(credential ?? '', 'base64').toString()).toBe('x-access-token:ghs_424242_a.b-c_d');
  });

  it.each(['', 'ghs_a\nhost=evil.example', 'ghs_a\r', 'ghs_a b', 'ghs_ä', 'x'.repeat(5_000)])(
    'never sends the token %j, which would not be one line of text',
    (token) => {
      for (const takesAuthType of [true, false])
        expect(() =>
          formatAnswer({ ...parseRequest(REQUEST), takesAuthType }, { ...CREDENTIAL, token }),
        ).toThrow();
    },
  );
});
