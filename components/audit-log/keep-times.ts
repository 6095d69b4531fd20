import { TIMES_COOKIE, type Times } from '../shell/preferences';
import { formatLocal, formatRelative, formatUtc } from '../ui/format-time';

const AGE_EVERY_MS = 10_000;

/**
 * Writes the times on the page as the reader chose, also those that appear later, and lets relative times grow older
 * while the tab is visible. All times of a table have one form. Elsewhere an absolute time stands beside a relative
 * one.
 *
 * @param isPicked whether to remember the choice for the next page
 * @returns a function that stops it
 */
export function keepTimes(times: Times, isPicked: boolean): () => void {
  if (isPicked)
    // biome-ignore lint/suspicious/noDocumentCookie: CookieStore is missing where there is no TLS
    document.cookie = `${TIMES_COOKIE}=${times}; path=/; max-age=31536000; samesite=lax`;
  const absolute = times === 'local' ? formatLocal : formatUtc;
  const show = () => {
    if (document.visibilityState !== 'visible') return;
    for (const time of document.querySelectorAll('time')) {
      const inTable = time.closest('table') !== null;
      const isAbsolute = inTable ? times !== 'relative' : time.dataset.absolute !== undefined;
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
