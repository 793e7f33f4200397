import { isVsphereError } from '../errors/vsphere-error.js';
import { isFault } from '../errors/vsphere-fault.js';
import type { Session } from '../session/session.js';

/** Whether a collector must be made anew: its session, its version or the connection is gone. */
export function isCollectorLost(session: Session, generation: object, error: unknown): boolean {
  if (session.generation !== generation) return true;
  if (isFault(error, 'NotAuthenticated') || isFault(error, 'InvalidCollectorVersion')) return true;
  return isConnectionProblem(error);
}

/** What another attempt may mend: a server that restarts refuses, resets and answers 503 for a while. */
export function isConnectionProblem(error: unknown): boolean {
  if (!isVsphereError(error)) return false;
  if (error.code === 'HTTP_STATUS') return error.status === 503 || error.status === 502 || error.status === 500;
  return ['CONNECTION_LOST', 'CONNECT_FAILED', 'DEADLINE_EXCEEDED'].includes(error.code);
}
