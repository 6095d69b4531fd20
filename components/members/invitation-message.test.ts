import { expect, it } from 'vitest';
import { invitationMail, invitationMessage } from './invitation-message';

const INVITED = {
  workspace: 'Acme & Söhne',
  email: 'mia@acme.test',
  role: 'admin',
  expiresAt: '2026-02-07T09:00:00.000Z',
  link: 'https://pulsestream.test/invitation?token=a-b_c',
} as const;

it('names the workspace, the role, the address, the link and its end', () => {
  const message = invitationMessage(INVITED);
  for (const part of ['Acme & Söhne', 'as admin', 'mia@acme.test', INVITED.link, '2026'])
    expect(message).toContain(part);
});

it('opens an email to that address with the same message', () => {
  const url = new URL(invitationMail(INVITED));
  expect(url.protocol + url.pathname).toBe('mailto:mia@acme.test');
  expect(url.searchParams.get('body')).toBe(invitationMessage(INVITED).replaceAll('\n', '\r\n'));
  expect(url.searchParams.get('subject')).toBe('Join Acme & Söhne on PulseStream');
});

it.each([
  'mia&bcc=eve@evil.test',
  'mia?bcc=eve@evil.test',
  'mia,eve@evil.test',
  'mia%0d%0abcc:eve@evil.test',
])('never lets the address %s name another recipient or field', (email) => {
  const url = new URL(invitationMail({ ...INVITED, email }));
  expect(decodeURIComponent(url.pathname)).toBe(email);
  expect(url.pathname).not.toMatch(/[,&?]/);
  expect([...url.searchParams.keys()]).toEqual(['subject', 'body']);
});

it('never lets the name of a workspace add a field', () => {
  const url = new URL(invitationMail({ ...INVITED, workspace: 'x&bcc=eve@evil.test\r\nbcc: eve' }));
  expect([...url.searchParams.keys()]).toEqual(['subject', 'body']);
});
