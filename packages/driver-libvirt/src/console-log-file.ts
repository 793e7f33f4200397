/** Files that hold what a machine's serial port printed; virtlogd numbers those that are full. */
const LOG_FILE = /^vd-[0-9a-f-]{36}\.console\.log(\.\d+)?$/;

/** A machine's memory, while it is being read. */
const DUMP_FILE = /^vd-[0-9a-f-]{36}\.[0-9a-f-]{36}\.core$/;

export const isConsoleLog = (fileName: string): boolean => LOG_FILE.test(fileName);

/** Files in pools that belong to a machine and are no volumes. */
export const isMachineFile = (fileName: string): boolean => isConsoleLog(fileName) || DUMP_FILE.test(fileName);
