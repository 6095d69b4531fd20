/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses the optimizer, and anybody could make it fetch and log: with this it answers 404.
  images: { unoptimized: true },
  // Types are checked over the whole project, tests included, by `npm run typecheck`; once is enough.
  typescript: { ignoreBuildErrors: true },
  // Loaded from node_modules at run time: they keep state in the module or read files of their own.
  serverExternalPackages: [
    '@aws-sdk/client-kms',
    'pg',
    'pino',
    'prom-client',
    'ioredis',
    '@prisma/client',
    '@prisma/adapter-pg',
  ],
  experimental: {
    // The largest body that an action takes: an audit log of GitHub's, to be compared with ours.
    serverActions: { bodySizeLimit: '4.2mb' },
    // What is kept of any page's body before the page is asked. A little more, so that the limit above is the one that
    // answers.
    proxyClientMaxBodySize: '4.4mb',
    // `forbidden()`, for pages that answer 403.
    authInterrupts: true,
  },
  // A browser asks for it by itself where it has not met the icon of the page yet.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/favicon.svg' }],
  async headers() {
    return [
      // The API answers no pages; the policy of pages has a nonce and comes from proxy.ts.
      {
        source: '/api/:path*',
        headers: [
          {
            key: 'Content-Security-Policy',
            value: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
          },
        ],
      },
      { source: '/api/v1/:path*', headers: [{ key: 'Cache-Control', value: 'no-store' }] },
      {
        source: '/:path*',
        headers: [
          { key: 'X-Content-Type-Options', value: 'nosniff' },
          { key: 'X-Frame-Options', value: 'DENY' },
          { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
          // No other site holds a window of ours, or loads what we answer as a part of its own page. Nobody needs either:
          // one comes and goes by redirects.
          { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
          { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
          { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
        ],
      },
    ];
  },
};

export default config;
