/** Part of a Python script that tells the type of the fault that `line` raises. */
export const faultOf = (line: string): string => `
try:
    ${line}
    print('no fault')
except Exception as fault:
    print(type(fault).__name__.split('.')[-1])
`;
