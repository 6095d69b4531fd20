import { notFound } from 'next/navigation';
import { DOCUMENTS, readDocument } from '@/lib/trust/documents';

/** Rendered by the build, so the documents themselves needn't be deployed. */
export const dynamic = 'force-static';
export const dynamicParams = false;

export function generateStaticParams(): { name: string }[] {
  return DOCUMENTS.map(({ name }) => ({ name }));
}

/** Returns a document from the source tree. It's sent as plain text, so browsers never execute anything in it. */
export async function GET(_request: Request, { params }: { params: Promise<{ name: string }> }) {
  const text = (await readDocument((await params).name)) ?? notFound();
  return new Response(text, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      // The document may change with the app's next version, so caches must revalidate it.
      'cache-control': 'public, max-age=0, must-revalidate',
    },
  });
}
