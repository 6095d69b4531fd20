/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses the image optimizer, but anybody could make it fetch images and log. When disabled, it responds with
  // 404.
  images: { unoptimized: true },
  // `npm run typecheck` checks the whole project, including tests, so the build need not check again.
  typescript: { ignoreBuildErrors: true },
  // These packages are loaded from node_modules at run time, because they keep state in module variables or read their
  // own files.
  serverExternalPackages: [
    // Next recognises by the name of a class that nobody collects traces. Bundled and minified, the class has no name,
    // and each request would create spans.
    '@opentelemetry/api',
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
    // How much of a body Next buffers for the proxy. Slightly more than the limit for actions, so that the limit for
    // actions applies first.
    proxyClientMaxBodySize: '4.4mb',
    // Enables `forbidden()`, for pages that respond with 403.
    authInterrupts: true,
  },
  // Browsers request this path before they have seen the icon that a page declares.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/favicon.svg' }],
  async headers() {
    return [
      // This policy is for the API, which has no pages. The policy for pages contains a nonce, so proxy.ts sets it.
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
          // Keep other sites from holding references to our windows and from loading our responses. None of our flows
          // needs either, because they all use redirects.
          { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
          { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
          { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
        ],
      },
    ];
  },
};

export default config;
