'use client';

import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import { MessagePage } from '@/components/errors/message-page';
import './globals.css';

/**
 * Shown instead of the root layout when the layout itself fails, so it uses the system's theme and not the user's
 * choice. Simpler than `Failure`, because every page loads this script.
 */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <body>
        <title>Something went wrong · PulseStream</title>
        <main id="content" className="px-4">
          <MessagePage
            code="500"
            title="Something went wrong on our side"
            reference={error.digest}
            actions={
              <a href="/" className="text-accent underline">
                Go to the start
              </a>
            }
          >
            Try again in a moment. If this continues, send support the ID below.
          </MessagePage>
        </main>
      </body>
    </html>
  );
}
