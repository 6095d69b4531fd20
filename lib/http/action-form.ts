import { z } from 'zod';

/**
 * Slightly below `bodySizeLimit` in next.config.js. Next rejects a longer body before our code runs, and a form
 * submitted without JavaScript would end up on the error page. Nor can the proxy parse such a body, because it sees
 * only the start.
 */
const MAX_ACTION_BYTES = 4_300_000;

const Arguments = z.array(z.unknown());
const BoundAction = z.object({ id: z.string() });

/**
 * True if Next can parse the request as a server action, either as a form or as JSON arguments; false if it can't. Next
 * would answer a malformed request with a 500 and log an error, although the sender is to blame.
 */
export async function isReadableForm(request: Request): Promise<boolean> {
  if (request.method !== 'POST' || Number(request.headers.get('content-length')) > MAX_ACTION_BYTES)
    return true;
  const isForm = /^multipart\/form-data\b/i.test(request.headers.get('content-type') ?? '');
  const isAction = request.headers.has('next-action');
  try {
    if (isForm) {
      const form = await request.clone().formData();
      return isAction || namesReadableActions(form);
    }
    return !isAction || Arguments.safeParse(JSON.parse(await request.clone().text())).success;
  } catch {
    return false;
  }
}

/**
 * True if a form submitted without JavaScript names its actions correctly: with `$ACTION_ID_…`, or with `$ACTION_REF_n`
 * and the id in `$ACTION_n:0`.
 */
function namesReadableActions(form: FormData): boolean {
  const names = [...form.keys()];
  if (names.includes('$ACTION_KEY') && !names.some((name) => /^\$ACTION_(ID|REF)_/.test(name))) return false;
  return names
    .flatMap((name) => /^\$ACTION_REF_(.*)$/.exec(name)?.[1] ?? [])
    .every((n) => BoundAction.safeParse(JSON.parse(String(form.get(`$ACTION_${n}:0`)))).success);
}

const TAKES_A_FILE = /^\/w\/[^/]+\/audit-log\/compare$/;

/** The notice code for a form that's too large, on pages with a file input. */
export const TOO_LARGE = 'too_large';

/**
 * Returns the URL to redirect a form to if it's too large, or `null` for any other request. Covers only forms submitted
 * without JavaScript, where the page couldn't check the file's size beforehand.
 */
export function afterTooLargeForm(request: Request): string | null {
  if (request.method !== 'POST' || request.headers.has('next-action')) return null;
  const { pathname } = new URL(request.url);
  if (!TAKES_A_FILE.test(pathname)) return null;
  return Number(request.headers.get('content-length')) > MAX_ACTION_BYTES
    ? `${pathname}?notice=${TOO_LARGE}`
    : null;
}
