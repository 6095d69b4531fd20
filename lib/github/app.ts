import { App } from '@octokit/app';
import { Octokit } from '@octokit/core';
import { log } from '../observability/log';
import type { AppJwtSource } from './app-jwt';

/** `App` requires a private key, although its authentication also takes a signer: octokit/app.js#484. */
const NO_KEY_HERE = '';

/** Keeps Octokit's own lines for `debug`: it warns once a request of a clock that is corrected once. */
const toDebug = (message: string) => log.debug(message);
const OCTOKIT_LOG = { debug: toDebug, info: toDebug, warn: toDebug, error: toDebug };

/**
 * Creates the GitHub App of `@octokit/app`, whose Octokit signs its requests.
 *
 * The signature comes from `createJwt`, which `@octokit/auth-app` offers for keys outside the process
 * (docs/decisions/0015-octokit-app-signs-by-create-jwt.md). Never use `getInstallationOctokit`: it caches tokens.
 *
 * @param jwt signs, and keeps the App JWT for its life
 * @param defaults options of each request, such as `baseUrl`
 */
export function createApp(appId: number, jwt: AppJwtSource, defaults: { baseUrl: string }): App {
  return new App({
    appId,
    privateKey: NO_KEY_HERE,
    log: OCTOKIT_LOG,
    Octokit: Octokit.defaults((options: { auth: { appId: number } }) => ({
      ...options,
      ...defaults,
      auth: { appId: options.auth.appId, createJwt: jwt.createJwt },
    })),
  });
}
