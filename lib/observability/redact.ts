/**
 * Last line of defence for logs: whatever looks like a credential is blanked, wherever in a line it stands. Nothing
 * should ever reach it; `docs/claims.md` (C04) lists what makes sure of that.
 *
 * A secret may follow any character: `\n` of a JSON line and `%0A` of an address end in a letter. So no pattern asks for
 * the beginning of a word, and a space may be written as in an address.
 *
 * Forms: GitHub's tokens (https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/,
 * the 2026 installation tokens hold dots), our API keys, PEM private keys, JWT and JWE, and authorization headers.
 */
const SECRETS: readonly RegExp[] = [
  /gh[oprsu]_[A-Za-z0-9._-]{20,}/g,
  /github_pat_[A-Za-z0-9_]{20,}/g,
  /psk_[a-z]{3,4}_[A-Za-z0-9]{8,}/g,
  /-----BEGIN(?:[A-Z +]|%20)*PRIVATE(?: |%20|\+)KEY-----[\s\S]*?(?:-----END(?:[A-Z +]|%20)*PRIVATE(?: |%20|\+)KEY-----|$)/g,
  // The same in base64, as secret stores hold it.
  /LS0tLS1CRUdJTi[A-Za-z0-9+/=_-]{16,}/g,
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_.-]*/g,
  /(?:Bearer|Basic|token)(?: |%20|\+)[A-Za-z0-9._~+/=-]{16,}/gi,
  // User names and passwords in URLs: `postgresql://user:password@host`.
  /(?<=:\/\/)[^\s/@:"]*:[^\s/@"]+(?=@)/g,
];

export const REDACTED = '[redacted]';

export function redact(text: string): string {
  let result = text;
  for (const pattern of SECRETS) result = result.replace(pattern, REDACTED);
  return result;
}
