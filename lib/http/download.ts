/** Bytes that are collected before they are sent: a chunk a line would cost more than the line. */
const CHUNK_CHARACTERS = 64 * 1024;

async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let pending = '';
  for await (const line of lines) {
    pending += line;
    if (pending.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(pending);
    pending = '';
  }
  if (pending !== '') yield encoder.encode(pending);
}

/**
 * A file that is sent while it is made, as fast as the client takes it. A failure in the middle cuts the connection,
 * so that half a file cannot pass for a whole one.
 */
export function download(lines: AsyncIterable<string>, contentType: string, filename: string): Response {
  const source = chunks(lines);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await source.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': contentType,
      'content-disposition': `attachment; filename="${filename}"`,
      'x-content-type-options': 'nosniff',
    },
  });
}
