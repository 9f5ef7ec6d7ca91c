/** Reads the body of an answer as UTF-8; `null` as soon as it is longer than `maxBytes`. Throws what `fetch` throws. */
export async function readBoundedText(answer: Response, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
