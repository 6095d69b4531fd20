/**
 * Patterns for anything that looks like a credential, anywhere in a log line. Redaction is the last line of defence:
 * other guards keep credentials out of the log in the first place (`docs/claims.md`).
 *
 * A secret may follow any character. For example, `\n` in JSON and `%0A` in a URL both end in a word character. So no
 * pattern requires a word boundary, and each accepts a percent-encoded space.
 *
 * The patterns cover GitHub's tokens
 * (https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/; installation
 * tokens have contained dots since 2026), our API keys, PEM private keys, JWT and JWE, and authorization headers.
 */
const SECRETS: readonly RegExp[] = [
  /gh[oprsu]_[A-Za-z0-9._-]{20,}/g,
  /github_pat_[A-Za-z0-9_]{20,}/g,
  /psk_[a-z]{3,4}_[A-Za-z0-9]{8,}/g,
  /-----BEGIN(?:[A-Z +]|%20)*PRIVATE(?: |%20|\+)KEY-----[\s\S]*?(?:-----END(?:[A-Z +]|%20)*PRIVATE(?: |%20|\+)KEY-----|$)/g,
  // A PEM private key encoded in base64, which is how secret stores often keep one.
  /LS0tLS1CRUdJTi[A-Za-z0-9+/=_-]{16,}/g,
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_.-]*/g,
  /(?:Bearer|Basic|token)(?: |%20|\+)[A-Za-z0-9._~+/=-]{16,}/gi,
  // The user name and password in a URL: `postgresql://user:password@host`.
  /(?<=:\/\/)[^\s/@:"]*:[^\s/@"]+(?=@)/g,
];

export const REDACTED = '[redacted]';

export function redact(text: string): string {
  let result = text;
  for (const pattern of SECRETS) result = result.replace(pattern, REDACTED);
  return result;
}
