'use client';

import { type ReactNode, Suspense, useState, useSyncExternalStore } from 'react';

/**
 * Shows `fallback` while a client navigation waits for its content. A document is rendered whole, because React needs
 * a script to move content that it streams later. Without a script a field would stay at the end of the page, outside
 * its form. The choice is made when this mounts, since a later change would mount the content anew.
 */
export function PendingNavigation({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const isOfDocument = useSyncExternalStore(subscribeToNothing, no, yes);
  const [isWhole] = useState(isOfDocument);
  return isWhole ? children : <Suspense fallback={fallback}>{children}</Suspense>;
}

const subscribeToNothing = () => () => {};
const no = () => false;
/** True on the server, and while the browser hydrates. */
const yes = () => true;
