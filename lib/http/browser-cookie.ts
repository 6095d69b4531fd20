import { randomBytes } from 'node:crypto';
import { type Cookie, cookieName } from '../auth/session';
import { getConfig } from '../config';

const NAME = 'pulsestream.browser';
/** The lifetime of an attempt to connect. */
const MAX_AGE_SECONDS = 60 * 60;
const KEY = /^[A-Za-z0-9_-]{43}$/;

/** Returns the random key of a browser that began to connect. No other site or subdomain can set it over https. */
export function readBrowserKey(cookies: readonly Cookie[]): string | null {
  const name = cookieName(getConfig().publicUrl, NAME);
  const value = cookies.find((cookie) => cookie.name === name)?.value;
  return value !== undefined && KEY.test(value) ? value : null;
}

export function createBrowserKey(): string {
  return randomBytes(32).toString('base64url');
}

/** Returns the `Set-Cookie` of a browser's key. */
export function browserCookie(key: string): string {
  const { publicUrl } = getConfig();
  const secure = publicUrl.startsWith('https://') ? '; Secure' : '';
  return `${cookieName(publicUrl, NAME)}=${key}; Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax${secure}`;
}

const CONFIRMATION = 'pulsestream.confirmation';
const CONFIRMATION_SECONDS = 15 * 60;

/** Returns the sealed state of a browser in which an owner confirms a connection. */
export function readConfirmationCookie(cookies: readonly Cookie[]): string | null {
  const name = confirmationCookie('').name;
  return cookies.find((cookie) => cookie.name === name)?.value || null;
}

/** Returns the cookie of a confirmation. An empty value deletes it. */
export function confirmationCookie(value: string) {
  const { publicUrl } = getConfig();
  return {
    name: cookieName(publicUrl, CONFIRMATION),
    value,
    path: '/',
    maxAge: value === '' ? 0 : CONFIRMATION_SECONDS,
    httpOnly: true,
    sameSite: 'lax' as const,
    secure: publicUrl.startsWith('https://'),
  };
}
