const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`;

/** Runs named steps, says how long each took, and prints all of them once more at the end. */
export function createSteps(say = console.log) {
  const done = [];
  const add = (name, took, result = 'ok') => {
    done.push({ name, took, result });
    say(`${seconds(took).padStart(9)}  ${name}`);
  };
  return {
    add,
    names: () => done.map(({ name }) => name),
    async run(name, work) {
      const began = performance.now();
      try {
        const detail = await work();
        add(typeof detail === 'string' ? `${name}: ${detail}` : name, performance.now() - began);
      } catch (error) {
        add(name, performance.now() - began, 'FAILED');
        throw error;
      }
    },
    print() {
      const width = Math.max(...done.map(({ name }) => name.length));
      say(`\n${'STEP'.padEnd(width)}       TIME  RESULT`);
      for (const { name, took, result } of done) say(`${name.padEnd(width)}  ${seconds(took).padStart(9)}  ${result}`);
      const total = done.reduce((sum, { took }) => sum + took, 0);
      say(`${'in all'.padEnd(width)}  ${seconds(total).padStart(9)}`);
    },
  };
}
