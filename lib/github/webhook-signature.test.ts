import { createHmac } from 'node:crypto';
import { Webhooks } from '@octokit/webhooks';
import { expect, it } from 'vitest';
import { isSignedByGitHub } from './webhook-signature';

const SECRET = "It's a Secret to Everybody";
const sign = (body: Buffer, secret = SECRET) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

it('takes GitHub’s own example', () => {
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const body = Buffer.from('Hello, World!');
  expect(isSignedByGitHub(body, signature, [SECRET])).toBe(true);
  expect(isSignedByGitHub(Buffer.from('Hello, World?'), signature, [SECRET])).toBe(false);
  expect(isSignedByGitHub(body, signature, ['another secret'])).toBe(false);
});

it('takes the current secret and the one before, and without any nothing', () => {
  const body = Buffer.from('{}');
  for (const secret of ['new', 'old'])
    expect(isSignedByGitHub(body, sign(body, secret), ['new', 'old'])).toBe(true);
  expect(isSignedByGitHub(body, sign(body, 'older'), ['new', 'old'])).toBe(false);
  expect(isSignedByGitHub(body, sign(body, ''), [])).toBe(false);
});

it('is over the raw bytes: two bodies that are the same text only after decoding are two', () => {
  const [raw, other] = [Buffer.from([0x22, 0xff, 0x22]), Buffer.from([0x22, 0xfe, 0x22])];
  expect(raw.toString('utf8')).toBe(other.toString('utf8'));
  expect(isSignedByGitHub(raw, sign(raw), [SECRET])).toBe(true);
  expect(isSignedByGitHub(other, sign(raw), [SECRET])).toBe(false);
});

it('refuses whatever has not the form of a signature', () => {
  const body = Buffer.from('{}');
  const signature = sign(body);
  for (const wrong of [null, '', 'sha256=', signature.slice(0, -1), `${signature}0`, signature.toUpperCase()])
    expect(isSignedByGitHub(body, wrong, [SECRET])).toBe(false);
  expect(isSignedByGitHub(Buffer.alloc(0), sign(Buffer.alloc(0)), [SECRET])).toBe(false);
});

it('agrees with @octokit/webhooks on every text', async () => {
  for (const text of ['{}', '{"name":"Zoë 🦊"}', '\uFEFF{}', 'payload=%7B%7D', '\u0000'])
    for (const secret of ['new', 'old', 'older']) {
      const body = Buffer.from(text);
      const signature = await new Webhooks({ secret }).sign(text);
      const theirs = ['new', 'old'].map((known) => new Webhooks({ secret: known }).verify(text, signature));
      expect(isSignedByGitHub(body, signature, ['new', 'old'])).toBe(
        (await Promise.all(theirs)).includes(true),
      );
    }
});
