/** Our own line for each function, by its name. @type {Record<string, string>} */
export const DESCRIPTIONS = {};
