import { cache } from 'react';
import { UTC } from '@/lib/contract/time-zone';

/**
 * Holds the zone of the page that is being rendered. In a browser, and in tests without a page, every call returns a new
 * holder, so times stay in UTC there.
 */
const ofPage = cache(() => ({ zone: UTC }));

/** Returns the zone in which this page shows times. */
export const zoneOfPage = (): string => ofPage().zone;

/** Sets the zone in which this page shows times. Call it before the page's elements are rendered. */
export function setZoneOfPage(zone: string): void {
  ofPage().zone = zone;
}
