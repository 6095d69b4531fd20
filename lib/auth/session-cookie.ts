/** A cookie as Next's `cookies().getAll()` and `request.cookies.getAll()` give it. */
export type Cookie = { readonly name: string; readonly value: string };

/** More chunks than any session of ours can have; the rest of a forged series is not read. */
const MAX_CHUNKS = 8;

/** next-auth's name for the session cookie. Over https only the `__Secure-` one counts, which plain http cannot set. */
export function sessionCookieName(publicUrl: string): string {
  return `${publicUrl.startsWith('https://') ? '__Secure-' : ''}next-auth.session-token`;
}

/** The session's JWT, put together when next-auth had to cut it into `.0`, `.1`, … */
export function readSessionCookie(cookies: readonly Cookie[], name: string): string | null {
  const read = (wanted: string) => cookies.find((cookie) => cookie.name === wanted)?.value;
  const whole = read(name);
  if (whole !== undefined) return whole === '' ? null : whole;
  let joined = '';
  for (let i = 0; i < MAX_CHUNKS; i++) {
    const chunk = read(`${name}.${i}`);
    if (chunk === undefined) break;
    joined += chunk;
  }
  return joined === '' ? null : joined;
}
