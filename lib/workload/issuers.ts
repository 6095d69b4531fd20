import { getConfig } from '../config';

/** Returns whether services can present identity tokens at all. Without an issuer, no trust rule can be created. */
export const hasIssuers = (): boolean => getConfig().workload.issuers.length > 0;
