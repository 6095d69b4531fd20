import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { OfflineNotice } from '@/components/shell/offline-notice';
import { currentTheme, requestId } from './request';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'PulseStream', template: '%s · PulseStream' },
  description: 'Connect GitHub without handing over a credential.',
  icons: { icon: '/favicon.svg' },
  robots: { index: false, follow: false },
  referrer: 'strict-origin-when-cross-origin',
};

/** Each theme's background, which browsers use to colour their toolbars. */
const COLOURS = { light: '#ffffff', dark: '#0a0a0a' };

export async function generateViewport(): Promise<Viewport> {
  const theme = await currentTheme();
  const themeColor =
    theme === 'system'
      ? [
          { media: '(prefers-color-scheme: light)', color: COLOURS.light },
          { media: '(prefers-color-scheme: dark)', color: COLOURS.dark },
        ]
      : COLOURS[theme];
  return { width: 'device-width', initialScale: 1, themeColor };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = await currentTheme();
  const id = await requestId();
  return (
    <html
      lang="en"
      data-theme={theme === 'system' ? undefined : theme}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
    >
      {/* Error pages are rendered in the browser. They read the id of the request that loaded the document from this
          element. */}
      <head>{id === null ? null : <meta name="request-id" content={id} />}</head>
      <body>
        <a
          href="#content"
          className="sr-only z-50 rounded-md bg-primary px-4 py-2 text-on-primary text-sm focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
        >
          Skip to content
        </a>
        <OfflineNotice />
        {children}
      </body>
    </html>
  );
}
