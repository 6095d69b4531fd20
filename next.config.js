/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses the image optimizer, but anybody could make it fetch images and write log lines. When disabled, it
  // responds with 404.
  images: { unoptimized: true },
  // `npm run typecheck` already checks the whole project, including tests, so the build doesn't have to.
  typescript: { ignoreBuildErrors: true },
  // Load these packages from node_modules at run time instead of bundling them, because they keep state in module
  // variables or read their own files.
  serverExternalPackages: [
    // Next recognizes by a class's name that nobody collects traces. Bundling and minifying removes that name, so Next
    // would create spans for every request.
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
    // The largest body of a server action is GitHub's audit log, which a user uploads to compare with ours.
    serverActions: { bodySizeLimit: '4.2mb' },
    // How much of a body Next buffers for the proxy. It's slightly more than the limit for actions, so that limit
    // applies first.
    proxyClientMaxBodySize: '4.4mb',
    // Enables `forbidden()`, which lets pages respond with 403.
    authInterrupts: true,
  },
  // Browsers request this path before they've seen the icon declared by a page.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/favicon.svg' }],
  async headers() {
    return [
      // This policy is for the API, which serves no pages. The policy for pages contains a nonce, so proxy.ts sets it.
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
          // Stop other sites from keeping references to our windows and from loading our responses. All our flows use
          // redirects, so none of them needs either.
          { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
          { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
          { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
        ],
      },
    ];
  },
};

export default config;
