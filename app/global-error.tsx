'use client';

import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import { Failure } from '@/components/errors/failure';
import './globals.css';

/** Stands in for the root layout when that fails too; follows the system's theme. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <body>
        <title>Something went wrong · PulseStream</title>
        <main id="content" className="px-4">
          <Failure error={error} retry={retry} />
        </main>
      </body>
    </html>
  );
}
