'use client';

import { useEffect, useState } from 'react';
import { formatUtc } from '../ui/format-utc';

type Zone = 'utc' | 'local';

function formatLocal(value: string): string {
  const date = new Date(value);
  return Number.isNaN(date.valueOf())
    ? value
    : date.toLocaleString('sv-SE', { timeZoneName: 'short', hour12: false });
}

/** Times come in UTC from the server. This rewrites those on the page, and those that come later. */
export function TimeZoneSwitch() {
  const [zone, setZone] = useState<Zone>('utc');

  useEffect(() => {
    const show = () => {
      for (const time of document.querySelectorAll('time')) {
        const text = zone === 'utc' ? formatUtc(time.dateTime) : formatLocal(time.dateTime);
        if (time.title !== text) time.title = text;
        if (time.dataset.absolute !== undefined && time.textContent !== text) time.textContent = text;
      }
    };
    show();
    if (zone === 'utc') return;
    const observer = new MutationObserver(show);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [zone]);

  return (
    <button
      type="button"
      className="needs-script rounded-md text-accent underline-offset-4 hover:underline"
      onClick={() => setZone(zone === 'utc' ? 'local' : 'utc')}
    >
      {zone === 'utc' ? 'Show local time' : 'Show UTC'}
    </button>
  );
}
