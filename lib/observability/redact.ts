/**
 * Last line of defence for logs: whatever looks like a credential is blanked, wherever in a line it stands. Nothing
 * should ever reach it; `docs/claims.md` (C04) lists what makes sure of that.
 *
 * Forms: GitHub's tokens (https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/,
 * the 2026 installation tokens hold dots), our API keys, PEM private keys, JWT and JWE, and authorization headers.
 */
const SECRETS: readonly RegExp[] = [
  /\bgh[oprsu]_[A-Za-z0-9._-]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bpsk_[a-z]{3,4}_[A-Za-z0-9]{8,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_.-]*/g,
  /\b(?:Bearer|Basic|token) [A-Za-z0-9._~+/=-]{16,}/gi,
  // User names and passwords in URLs: `postgresql://user:password@host`.
  /(?<=:\/\/)[^\s/@:"]*:[^\s/@"]+(?=@)/g,
];

export const REDACTED = '[redacted]';

export function redact(text: string): string {
  let result = text;
  for (const pattern of SECRETS) result = result.replace(pattern, REDACTED);
  return result;
}
