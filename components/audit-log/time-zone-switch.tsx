'use client';

import { useEffect, useRef, useState } from 'react';
import type { Zone } from './show-times';

/** Its script comes with the first click: most readers never need it. */
export function TimeZoneSwitch() {
  const [zone, setZone] = useState<Zone>('utc');
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);

  const onClick = async () => {
    const { showTimesIn } = await import('./show-times');
    const other = zone === 'utc' ? 'local' : 'utc';
    stop.current?.();
    stop.current = showTimesIn(other);
    setZone(other);
  };
  return (
    <button
      type="button"
      className="needs-script rounded-md text-accent underline-offset-4 hover:underline"
      onClick={onClick}
    >
      {zone === 'utc' ? 'Show local time' : 'Show UTC'}
    </button>
  );
}
