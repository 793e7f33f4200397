// A prompt waits for an answer: no line break follows it.
const PROMPT = /[:#$>] $/;

/** Splits a stream of bytes into lines of text; a prompt and what follows the last line break count as lines too. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(/\r*\n/);
    rest = parts.pop() ?? '';
    yield* parts;
    if (!PROMPT.test(rest)) continue;
    yield rest;
    rest = '';
  }
  if (rest !== '') yield rest;
}
