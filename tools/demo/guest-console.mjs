import { createInterface } from 'node:readline';

const SECONDS = 120;

/** Follows what a guest prints on its serial port, from its first line. */
export function openConsole(virt, machine) {
  const child = virt.start('console', machine, '--log', '--follow');
  const lines = [];
  const waiting = new Set();
  let problem = '';
  const look = () => {
    for (const wait of waiting) wait.look();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line.trimEnd());
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (part) => (problem += part));
  const ended = new Promise((resolve) => child.once('close', resolve));
  void ended.then(() => {
    for (const wait of waiting)
      wait.reject(new Error(`The console ended before the guest said ${wait.what}. ${problem.trim()}`));
  });
  let position = 0;
  return {
    /** The next line that matches, after the last one that was waited for. */
    waitFor(pattern, what = String(pattern)) {
      return new Promise((resolve, reject) => {
        const finish = (settle, value) => {
          waiting.delete(wait);
          clearTimeout(timer);
          settle(value);
        };
        const timer = setTimeout(
          () => finish(reject, new Error(`The guest did not say ${what} within ${SECONDS} s.`)),
          SECONDS * 1000,
        );
        const wait = {
          what,
          reject: (error) => finish(reject, error),
          look: () => {
            for (; position < lines.length; position += 1) {
              const match = pattern.exec(lines[position]);
              if (!match) continue;
              position += 1;
              return finish(resolve, match);
            }
          },
        };
        waiting.add(wait);
        wait.look();
      });
    },
    tail: () => lines.slice(-15).join('\n'),
    async close() {
      child.kill('SIGINT');
      await ended;
    },
  };
}
