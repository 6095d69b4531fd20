'use client';

import { type ReactNode, Suspense, useState, useSyncExternalStore } from 'react';

/**
 * Shows `fallback` while a navigation without reload waits for its content. A document is rendered whole: React moves
 * what it streams later by script, and without one a field stays at the end of the page, outside its form. The choice
 * is made when this mounts and kept, since a change of it would mount the content anew.
 */
export function PendingNavigation({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const isOfDocument = useSyncExternalStore(subscribeToNothing, no, yes);
  const [isWhole] = useState(isOfDocument);
  return isWhole ? children : <Suspense fallback={fallback}>{children}</Suspense>;
}

const subscribeToNothing = () => () => {};
const no = () => false;
/** On the server, and while the browser takes over what the server rendered. */
const yes = () => true;
