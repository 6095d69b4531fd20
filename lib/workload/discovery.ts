import { z } from 'zod';
import { onePerProcess } from '../async';
import { getConfig } from '../config';
import { isLoopback } from '../config/github-urls';
import { USER_AGENT } from '../github/app';
import { fetchOutgoing, openConnections } from '../github/connections';
import { SigningKeys } from './signing-keys';

/** How long an issuer may take, for both of its documents together. */
export const ISSUER_TIMEOUT_MS = 5000;

/** Cap on each document, after decompression. */
const MAX_DOCUMENT_BYTES = 256 * 1024;

/** Apart from those to GitHub, so that no issuer takes a connection from a mint. */
const getConnections = onePerProcess('connections to issuers', () => openConnections(ISSUER_TIMEOUT_MS));

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

export type IssuerDocuments = {
  keys: SigningKeys;
  /** The issuer's clock, from its `Date` header. */
  date: Date | undefined;
};

/**
 * Reads an issuer's keys by OpenID Connect Discovery.
 *
 * @throws if one of the documents can't be had within {@link ISSUER_TIMEOUT_MS}, is too long, redirects, names another
 *   issuer, or holds no usable key
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
export async function readIssuer(issuer: string): Promise<IssuerDocuments> {
  const signal = AbortSignal.timeout(ISSUER_TIMEOUT_MS);
  const discovery = await getJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, signal);
  const { issuer: named, jwks_uri: keysUrl } = Discovery.parse(discovery.document);
  if (named !== issuer) throw new Error('the discovery document names another issuer');
  if (!isAllowed(keysUrl)) throw new Error('the discovery document’s jwks_uri is not https');
  const keys = await getJson(keysUrl, signal);
  return { keys: new SigningKeys(keys.document), date: keys.date };
}

function isAllowed(url: string): boolean {
  const { protocol } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && !getConfig().isDeployed && isLoopback(url));
}

async function getJson(url: string, signal: AbortSignal) {
  const headers = { accept: 'application/json', 'user-agent': USER_AGENT };
  const through = { connections: getConnections(), maxBytes: MAX_DOCUMENT_BYTES };
  const response = await fetchOutgoing(url, { headers, signal }, through);
  // A redirect would let whoever controls one path of the issuer's host choose its keys.
  if (response.status !== 200) throw new Error(`an issuer’s document was answered by ${response.status}`);
  const date = new Date(response.headers.get('date') ?? '');
  return {
    document: JSON.parse(await response.text()) as unknown,
    date: Number.isNaN(date.getTime()) ? undefined : date,
  };
}
