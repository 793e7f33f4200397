import * as v from 'valibot';
import { DriverError } from '../errors/driver-error.js';
import type { MemberSchema } from './member-schemas.js';

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null || path === '' ? issue.message : `${path}: ${issue.message}`;
}

/**
 * Checks what a program passes to a member, before the driver sees it. Throws `REQUEST.INVALID`, naming the member, the
 * place and what is expected there. Received values are not repeated: they may be secret.
 */
export function checkArguments(member: string, schema: MemberSchema, args: readonly unknown[]): void {
  schema.parameters.forEach((parameter, index) => {
    const result = v.safeParse(parameter, args[index]);
    if (result.success) return;
    // valibot's own messages name the received value after "but received"; ours must not.
    const problems = result.issues.map(describe).map((text) => text.replace(/ but received .*$/s, ''));
    throw new DriverError('REQUEST.INVALID', `${member}: argument ${index + 1} is not valid. ${problems.join('; ')}.`);
  });
}
