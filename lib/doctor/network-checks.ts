import ipaddr from 'ipaddr.js';
import { getConfig } from '../config';
import { query, sql } from '../db/sql';
import { type Check, fail, ok, warn } from './check';

/** Checks how the app sees its clients, and how others see the app. */
export const NETWORK_CHECKS: readonly Check[] = [
  { id: 'proxy-hops', isCheap: true, needs: ['database-migrations'], find: findHops },
  { id: 'egress-addresses', isCheap: true, find: findEgress },
];

/** With fewer requests, one address is no evidence. */
const ENOUGH_REQUESTS = 20;

/**
 * Selects the client addresses of the newest events of some workspaces. The inner limit bounds the read, since most
 * events of a workspace may have no address.
 */
const RECENT_ADDRESSES = sql<{ address: string; requests: number }>`
  SELECT host(recent.client_ip) AS address, count(*)::int AS requests
  FROM (SELECT id FROM workspaces LIMIT 50) AS w, LATERAL (
    SELECT client_ip FROM audit_events WHERE workspace_id = w.id ORDER BY seq DESC LIMIT 100) AS recent
  WHERE recent.client_ip IS NOT NULL GROUP BY 1`;

const isPublic = (address: string) => ipaddr.process(address).range() === 'unicast';

async function findHops() {
  const { trustedProxyHops: hops, publicUrl } = getConfig();
  const rows = await query('work', RECENT_ADDRESSES);
  const requests = rows.reduce((sum, row) => sum + row.requests, 0);
  const set = `TRUSTED_PROXY_HOPS is ${hops}`;
  if (requests < ENOUGH_REQUESTS)
    return ok(`${set}. The last ${requests} requests in the audit log are too few to judge it by.`);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(publicUrl).hostname);
  const [first] = rows;
  const found = `${set}, and the last ${requests} requests come from ${rows.length === 1 ? (first?.address ?? '') : `${rows.length} addresses`}`;
  if (!isLocal && rows.every(({ address }) => !isPublic(address)))
    return warn(
      `${found}, none of them public.`,
      'If clients come from the internet, these are proxies’ addresses: raise TRUSTED_PROXY_HOPS to their number.',
    );
  if (!isLocal && rows.length === 1)
    return warn(
      `${found}.`,
      'If that is a proxy’s address, all clients share one limit: raise TRUSTED_PROXY_HOPS to the number of proxies.',
    );
  return ok(`${found}.`);
}

async function findEgress() {
  const { egressAddresses, isDeployed } = getConfig();
  const hidden = egressAddresses.filter((address) => !isPublic(address.replace(/\/.*$/, '')));
  if (hidden.length > 0)
    return fail(
      `EGRESS_ADDRESSES names ${hidden.join(', ')}, which GitHub cannot see.`,
      'Name the public addresses that our requests come from, such as the NAT gateway’s.',
    );
  if (egressAddresses.length > 0) return ok(`Customers are told to allow ${egressAddresses.join(', ')}.`);
  const found = 'EGRESS_ADDRESSES is empty, so a customer with an IP allow list is not told what to allow.';
  return isDeployed ? warn(found, 'Set it to the public addresses that our requests come from.') : ok(found);
}
