/** Files that hold what a machine's serial port printed; virtlogd numbers those that are full. */
const LOG_FILE = /^vd-[0-9a-f-]{36}\.console\.log(\.\d+)?$/;

export const isConsoleLog = (fileName: string): boolean => LOG_FILE.test(fileName);
