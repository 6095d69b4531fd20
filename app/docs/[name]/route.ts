import { notFound } from 'next/navigation';
import { DOCUMENTS, readDocument } from '@/lib/trust/documents';

/** The build reads the documents, so the files need not be deployed. */
export const dynamic = 'force-static';
export const dynamicParams = false;

export function generateStaticParams(): { name: string }[] {
  return DOCUMENTS.map((name) => ({ name }));
}

/** Returns a document from the source tree as plain text, so the browser never executes it. */
export async function GET(_request: Request, { params }: { params: Promise<{ name: string }> }) {
  const text = (await readDocument((await params).name)) ?? notFound();
  return new Response(text, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      // The document may change with the next version of the app, so caches must revalidate it.
      'cache-control': 'public, max-age=0, must-revalidate',
    },
  });
}
