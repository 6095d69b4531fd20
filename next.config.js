/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses the image optimizer, but anybody could make it fetch and log. Disabled, it answers 404.
  images: { unoptimized: true },
  // `npm run typecheck` checks the whole project, including tests, so the build need not check again.
  typescript: { ignoreBuildErrors: true },
  // Loaded from node_modules at run time, because they keep state in module variables or read their own files.
  serverExternalPackages: [
    '@aws-sdk/client-kms',
    'pg',
    'pino',
    'prom-client',
    'ioredis',
    'undici',
    '@prisma/client',
    '@prisma/adapter-pg',
  ],
  experimental: {
    // The largest body of a server action is GitHub's audit log, which a user uploads to compare it with ours.
    serverActions: { bodySizeLimit: '4.2mb' },
    // How much of a body Next buffers for the proxy. Slightly more than the limit for actions, so that their limit
    // takes effect first.
    proxyClientMaxBodySize: '4.4mb',
    // Enables `forbidden()`, for pages that answer 403.
    authInterrupts: true,
  },
  // Browsers request this path before they have seen the icon that a page declares.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/favicon.svg' }],
  async headers() {
    return [
      // The API has no pages. The policy for pages contains a nonce, so proxy.ts sets it.
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
          // Other sites may neither keep a reference to our windows nor load our responses. Our flows do not need that,
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
