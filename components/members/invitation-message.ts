import type { Role } from '@/lib/contract/members';
import { formatUtc } from '../ui/format-time';

type Invited = { workspace: string; email: string; role: Role; expiresAt: string; link: string };

/** Returns a message for an invited person, ready to be sent. */
export function invitationMessage({ workspace, email, role, expiresAt, link }: Invited): string {
  return [
    `You’re invited to the workspace ${workspace} on PulseStream, as ${role}.`,
    `Open this link and sign in with ${email}:`,
    link,
    `The link works for this address only, until ${formatUtc(expiresAt)}.`,
  ].join('\n\n');
}

/** Returns an address that opens a new email to the invited person, with the message in it. */
export function invitationMail(invited: Invited): string {
  const fields = {
    subject: `Join ${invited.workspace} on PulseStream`,
    body: invitationMessage(invited).replaceAll('\n', '\r\n'),
  };
  const query = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  // RFC 6068 keeps the at sign. Every other character could begin a field or another recipient.
  return `mailto:${encodeURIComponent(invited.email).replace('%40', '@')}?${query.join('&')}`;
}
