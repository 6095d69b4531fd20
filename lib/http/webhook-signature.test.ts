import { createHmac } from 'node:crypto';
import { Webhooks } from '@octokit/webhooks';
import { expect, it } from 'vitest';
import { isSignedByGitHub, readSignature } from './signed-body';

const SECRET = "It's a Secret to Everybody";
const sign = (body: Buffer, secret = SECRET) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

const isSigned = (body: Buffer, header: string | null, secrets: readonly string[]) => {
  const signature = readSignature(header);
  return signature !== undefined && isSignedByGitHub(body, signature, secrets);
};

it('accepts GitHub’s own example', () => {
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const body = Buffer.from('Hello, World!');
  expect(isSigned(body, signature, [SECRET])).toBe(true);
  expect(isSigned(Buffer.from('Hello, World?'), signature, [SECRET])).toBe(false);
  expect(isSigned(body, signature, ['another secret'])).toBe(false);
});

it('accepts the current and the previous secret, and nothing when no secret is configured', () => {
  const body = Buffer.from('{}');
  for (const secret of ['new', 'old']) expect(isSigned(body, sign(body, secret), ['new', 'old'])).toBe(true);
  expect(isSigned(body, sign(body, 'older'), ['new', 'old'])).toBe(false);
  expect(isSigned(body, sign(body, ''), [])).toBe(false);
});

it('verifies raw bytes, so bodies that decode to the same text differ', () => {
  const [raw, other] = [Buffer.from([0x22, 0xff, 0x22]), Buffer.from([0x22, 0xfe, 0x22])];
  expect(raw.toString('utf8')).toBe(other.toString('utf8'));
  expect(isSigned(raw, sign(raw), [SECRET])).toBe(true);
  expect(isSigned(other, sign(raw), [SECRET])).toBe(false);
});

it('rejects a malformed signature header', () => {
  const body = Buffer.from('{}');
  const signature = sign(body);
  for (const wrong of [null, '', 'sha256=', signature.slice(0, -1), `${signature}0`, signature.toUpperCase()])
    expect(isSigned(body, wrong, [SECRET])).toBe(false);
  expect(isSigned(Buffer.alloc(0), sign(Buffer.alloc(0)), [SECRET])).toBe(false);
});

it('agrees with @octokit/webhooks on every text', async () => {
  for (const text of ['{}', '{"name":"Zoë 🦊"}', '\uFEFF{}', 'payload=%7B%7D', '\u0000'])
    for (const secret of ['new', 'old', 'older']) {
      const body = Buffer.from(text);
      const signature = await new Webhooks({ secret }).sign(text);
      const theirs = ['new', 'old'].map((known) => new Webhooks({ secret: known }).verify(text, signature));
      expect(isSigned(body, signature, ['new', 'old'])).toBe((await Promise.all(theirs)).includes(true));
    }
});
