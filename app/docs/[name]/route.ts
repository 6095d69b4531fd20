import { notFound } from 'next/navigation';
import { DOCUMENTS, readDocument } from '@/lib/trust/documents';

/** Read once, by the build: a deployment needs no file of them. */
export const dynamic = 'force-static';
export const dynamicParams = false;

export function generateStaticParams(): { name: string }[] {
  return DOCUMENTS.map((name) => ({ name }));
}

/** A document of the source, as it stands there: text, so that nothing in it can do anything here. */
export async function GET(_request: Request, { params }: { params: Promise<{ name: string }> }) {
  const text = (await readDocument((await params).name)) ?? notFound();
  return new Response(text, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      // It is of this version: whoever keeps it asks whether it still is.
      'cache-control': 'public, max-age=0, must-revalidate',
    },
  });
}
