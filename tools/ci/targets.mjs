// The targets of a full run, and the columns of its table.
export const targets = ['lint', 'typecheck', 'test', 'build', 'api', 'pack-check', 'conformance'];
