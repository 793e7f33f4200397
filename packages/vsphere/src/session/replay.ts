/** Calls that only read. A lost connection does not tell whether the server ran a call; these may run twice. */
const READS =
  /^(Pbm)?(Retrieve|Query|Find|Fetch|Current|Get|List|Lookup|Check|Validate|Has|Are|Does|SessionIs|SearchDatastore|Read[A-Z]\w*FromGuest)/;

/** Whether a call may be repeated after a lost connection. A method that makes a task never may: the task would run twice. */
export function isReplaySafe(method: string): boolean {
  return READS.test(method) && !method.endsWith('_Task');
}
