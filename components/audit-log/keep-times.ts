import { UTC } from '@/lib/contract/time-zone';
import { TIMES_COOKIE, ZONE_COOKIE } from '../shell/preferences';
import { formatAbsolute, formatRelative } from '../ui/format-time';

/** The formats of times: their age, or the time in UTC or in the browser's zone. */
export type TimesChoice = 'relative' | 'UTC' | 'local';

const AGE_EVERY_MS = 10_000;

/**
 * Rewrites all times on the page, including those added later, in the format the user has chosen. Keeps relative times
 * up to date while the tab is visible. The choice between relative and absolute applies only within tables. Elsewhere,
 * each time keeps its kind, and only absolute times change format.
 *
 * @param rendered the zone in which the server rendered the page. Relative times leave it as it is
 * @param onMoved given if the user has just picked the choice, so cookies must store it for the next page; called if it
 *   has another zone
 * @returns a function that stops the updates
 */
export function keepTimes(choice: TimesChoice, rendered: string, onMoved: (() => void) | null): () => void {
  const zone = { relative: rendered, UTC, local: localZone() }[choice];
  if (onMoved) {
    keep(TIMES_COOKIE, choice === 'relative' ? 'relative' : 'absolute');
    if (choice !== 'relative') keep(ZONE_COOKIE, zone);
    if (zone !== rendered) onMoved();
  }
  const absolute = (value: string) => formatAbsolute(value, zone);
  const show = () => {
    if (document.visibilityState !== 'visible') return;
    for (const time of document.querySelectorAll('time')) {
      const inTable = time.closest('table') !== null;
      const isAbsolute = inTable ? choice !== 'relative' : time.dataset.absolute !== undefined;
      const text = isAbsolute ? absolute(time.dateTime) : formatRelative(time.dateTime, new Date());
      const title = absolute(time.dateTime);
      if (time.title !== title) time.title = title;
      if (time.textContent !== text) time.textContent = text;
    }
  };
  show();
  const observer = new MutationObserver(show);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  const timer = setInterval(show, AGE_EVERY_MS);
  document.addEventListener('visibilitychange', show);
  return () => {
    observer.disconnect();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', show);
  };
}

const localZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone || UTC;

function keep(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: browsers offer CookieStore only over TLS
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}
