import type { RequestOrigin } from '../audit/event';

/** What every handler knows about its request. `clientIp` is normalised (lib/http/client-ip.ts). */
export type RequestContext = RequestOrigin & { clientIp: string };
