'use client';

import { useState } from 'react';

/**
 * Tracks whether a modal is open: 0 if it is closed, otherwise a count. The browser closes a modal before it dispatches
 * the `close` event. If the user reopens the modal in between, a boolean would still be true and React wouldn't show
 * the modal again. The count changes, so React does.
 *
 * @param startsOpen whether the modal is open when the page loads
 */
export function useOpening(startsOpen = false): { opening: number; open: () => void; close: () => void } {
  const [opening, setOpening] = useState(startsOpen ? 1 : 0);
  return { opening, open: () => setOpening((last) => last + 1), close: () => setOpening(0) };
}
