import { PHASE_PRODUCTION_BUILD } from 'next/constants.js';
import { API, EVERYWHERE } from './lib/http/constant-headers.mjs';

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses the image optimizer, but anybody could make it fetch images and write log lines. When disabled, it
  // responds with 404.
  images: { unoptimized: true },
  // In development, Next would log the arguments of server actions. A form's state may hold a new API key.
  logging: { serverFunctions: false },
  // `npm run typecheck` already checks the whole project, including tests, so the build doesn't have to.
  typescript: { ignoreBuildErrors: true },
  // Load these packages from node_modules at run time instead of bundling them, because they keep state in module
  // variables or read their own files.
  serverExternalPackages: [
    // Next recognizes by a class's name that nobody collects traces. Bundling and minifying removes that name, so Next
    // would create spans for every request.
    '@opentelemetry/api',
    '@opentelemetry/otlp-transformer',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace-base',
    '@aws-sdk/client-kms',
    'pdfkit',
    'pg',
    'pino',
    'prom-client',
    'ioredis',
    'undici',
    '@prisma/client',
    '@prisma/adapter-pg',
  ],
  experimental: {
    // The largest body of a server action is GitHub's audit log, which a user uploads to compare with ours.
    serverActions: { bodySizeLimit: '4.2mb' },
    // How much of a body Next buffers for the proxy. It's slightly more than the limit for actions, so that limit
    // applies first.
    proxyClientMaxBodySize: '4.4mb',
    // `lib/server/load-entries.ts` loads them instead. If Next loaded them, the first response would wait for all of them.
    preloadEntriesOnStart: false,
    // Enables `forbidden()`, which lets pages respond with 403.
    authInterrupts: true,
  },
  // Browsers request this path before they've seen the icon declared by a page.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/favicon.svg' }],
  async headers() {
    return [
      { source: '/api/:path*', headers: listOf(API) },
      { source: '/api/v1/:path*', headers: [{ key: 'Cache-Control', value: 'no-store' }] },
      { source: '/:path*', headers: listOf(EVERYWHERE) },
    ];
  },
};

/** @param {Readonly<Record<string, string>>} headers */
function listOf(headers) {
  return Object.entries(headers).map(([key, value]) => ({ key, value }));
}

/**
 * Makes `next build` also write `.next/standalone`, which the image holds. `next start` runs without this setting,
 * because it warns about it.
 *
 * @param {string} phase
 * @returns {import('next').NextConfig}
 */
export default function configOf(phase) {
  return phase === PHASE_PRODUCTION_BUILD ? { ...config, output: 'standalone' } : config;
}
