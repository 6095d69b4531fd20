/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses the optimizer, and anybody could make it fetch and log. It answers 404 instead.
  images: { unoptimized: true },
  // `npm run typecheck` checks the whole project, including tests; once is enough.
  typescript: { ignoreBuildErrors: true },
  // Loaded from node_modules at run time, because they keep state in the module or read their own files.
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
    // The largest body of a server action: GitHub's audit log, to compare with ours.
    serverActions: { bodySizeLimit: '4.2mb' },
    // The largest body that Next buffers for any page. Slightly larger, so that the limit above is the one that
    // answers.
    proxyClientMaxBodySize: '4.4mb',
    // Enables `forbidden()`, for pages that answer 403.
    authInterrupts: true,
  },
  // Browsers request this path before they have seen a page's icon.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/favicon.svg' }],
  async headers() {
    return [
      // The API has no pages. The policy of pages contains a nonce and comes from proxy.ts.
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
          // No other site may hold a window of ours, or load our responses into its page. The flows need neither,
          // because they use redirects.
          { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
          { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
          { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
        ],
      },
    ];
  },
};

export default config;
