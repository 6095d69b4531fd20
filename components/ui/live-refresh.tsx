'use client';

import { useRouter } from 'next/navigation';
import { startTransition, useEffect } from 'react';

/**
 * Asks the server for this page again every few seconds, without a reload, and only while the tab is visible.
 * Render it while something is under way; leave it out, and it stops.
 */
export function LiveRefresh({ everySeconds }: { everySeconds: number }) {
  const router = useRouter();

  useEffect(() => {
    let left = false;
    const refresh = async () => {
      if (document.visibilityState !== 'visible') return;
      // A refresh that fails makes the browser load the page again, and puts its error page in place of ours.
      const server = await fetch('/api/health/live').catch(() => null);
      if (server?.ok && !left) startTransition(() => router.refresh());
    };
    const timer = setInterval(refresh, everySeconds * 1000);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      left = true;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [router, everySeconds]);

  return null;
}
