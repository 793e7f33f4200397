import type { ChildProcessByStdio } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';

type PipedChild = ChildProcessByStdio<Writable, Readable, Readable>;

const DIAGNOSTIC_BYTES = 2048;

/** A program's input and output as one stream, which owns the program: destroying the stream ends it. */
export function childStream(child: PipedChild, name: string): Duplex {
  let diagnostic = '';
  child.stderr.on('data', (chunk: Buffer) => (diagnostic = (diagnostic + chunk.toString()).slice(-DIAGNOSTIC_BYTES)));
  const stream = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void child.stdin.write(chunk, done),
    final: (done) => void child.stdin.end(done),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.once('spawn', () => stream.emit('spawn'));
  child.once('error', (error) => stream.destroy(error));
  // The program tells by its end why the stream ended: that is the reason to report.
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.once('close', (code, signal) => {
    if (code === 0) stream.push(null);
    else stream.destroy(new Error(`${name} ended with ${code ?? signal}: ${diagnostic.trim()}`));
  });
  return stream;
}
