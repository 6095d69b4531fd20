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
  const discoveryUrl = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const discovery = await getJson('discovery document', discoveryUrl, signal);
  const { data } = Discovery.safeParse(discovery.document);
  if (data === undefined) throw new Error('its discovery document has no issuer, or no jwks_uri');
  if (data.issuer !== issuer) throw new Error('its discovery document names another issuer');
  if (!isAllowed(data.jwks_uri)) throw new Error('its discovery document’s jwks_uri is not https');
  const keys = await getJson('key set', data.jwks_uri, signal);
  return { keys: new SigningKeys(keys.document), date: keys.date };
}

function isAllowed(url: string): boolean {
  const { protocol } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && !getConfig().isDeployed && isLoopback(url));
}

async function getJson(what: string, url: string, signal: AbortSignal) {
  const headers = { accept: 'application/json', 'user-agent': USER_AGENT };
  const through = { connections: getConnections(), maxBytes: MAX_DOCUMENT_BYTES };
  const response = await fetchOutgoing(url, { headers, signal }, through);
  // A redirect would let whoever controls one path of the issuer's host choose its keys.
  if (response.status !== 200) throw new Error(`its ${what} was answered by ${response.status}`);
  const date = new Date(response.headers.get('date') ?? '');
  return {
    document: parseJson(what, await response.text()),
    date: Number.isNaN(date.getTime()) ? undefined : date,
  };
}

function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`its ${what} is no JSON`);
  }
}
