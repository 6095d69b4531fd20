/** Formats of secrets. After a test run, we no longer know the secrets themselves, so we search for their formats. */
import { OFFLINE_SECRET_PREFIX } from 'offline-github';
import { LOCAL_SECRET_PREFIX } from '../services/secret';

const FORMS: readonly RegExp[] = [
  // GitHub's tokens: installation (classic, and `ghs_<app id>_<JWT>`), OAuth, user, refresh, personal.
  /gh[oprsu]_[A-Za-z0-9._-]{30,}/,
  /github_pat_[A-Za-z0-9_]{40,}/,
  // Our API keys.
  /psk_(?:dev|demo|stg|live)_[0-9A-Za-z]{38}/,
  // Webhook and client secrets, passwords and bearer secrets of a local run.
  new RegExp(`(?:${LOCAL_SECRET_PREFIX}|${OFFLINE_SECRET_PREFIX})[A-Za-z0-9_-]{43}`),
  // Private keys. A header alone does not count, because the source code of libraries contains such headers. The second
  // pattern matches an RSA key without a header.
  /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}/,
  /MII[A-Za-z0-9+/]{4,6}IBA(?:DANBgkqhkiG9w0BAQEFAASC|AKC)[A-Za-z0-9+/]{20}/,
];

const BASE64 = new Set(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'].map((each) => each.charCodeAt(0)),
);
/** Shorter runs of base64 are skipped, because no encoded secret is shorter. */
const SHORTEST_RUN = 40;

/** True if the text contains a secret, whether raw, inside longer base64, or escaped for URLs or JSON. */
export function holdsSecret(content: string | Buffer): boolean {
  const text = withoutEscapes(typeof content === 'string' ? content : content.toString('latin1'));
  if (hasForm(text)) return true;
  for (const run of base64Runs(text)) {
    // Encoded text may begin anywhere in the run. Four offsets are enough, because base64 encodes in groups of four.
    for (let at = 0; at < 4; at++)
      if (hasForm(Buffer.from(run.slice(at), 'base64').toString('latin1'))) return true;
  }
  return false;
}

/** Finds runs of base64. A regular expression would fail on megabytes of text, such as a source map. */
function* base64Runs(text: string): Generator<string> {
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && BASE64.has(text.charCodeAt(at))) continue;
    if (at - start >= SHORTEST_RUN) yield text.slice(start, at);
    start = at + 1;
  }
}

const hasForm = (text: string) => FORMS.some((form) => form.test(text));

/** Removes escapes, including repeated ones: `%0A`, `\n`, `\u000a`, `\/`. */
function withoutEscapes(text: string): string {
  return text
    .replace(/(?:%|\\+u00)([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/(?:\\+r)?\\+n/g, '\n')
    .replace(/\\+(?=\/)/g, '');
}
