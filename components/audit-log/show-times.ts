import { formatUtc } from '../ui/format-utc';

export type Zone = 'utc' | 'local';

function formatLocal(value: string): string {
  const date = new Date(value);
  return Number.isNaN(date.valueOf())
    ? value
    : date.toLocaleString('sv-SE', { timeZoneName: 'short', hour12: false });
}

/** Times come in UTC from the server. This rewrites those on the page, and those that come later. @returns to stop it */
export function showTimesIn(zone: Zone): () => void {
  const format = zone === 'utc' ? formatUtc : formatLocal;
  const show = () => {
    for (const time of document.querySelectorAll('time')) {
      const text = format(time.dateTime);
      if (time.title !== text) time.title = text;
      if (time.dataset.absolute !== undefined && time.textContent !== text) time.textContent = text;
    }
  };
  show();
  const observer = new MutationObserver(show);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => observer.disconnect();
}
